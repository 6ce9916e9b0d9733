"""One run of the demo: its requests, its waits and its clock."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from infra.local.failure import LocalError
from infra.local.stack import Stack

PATIENCE_SECONDS = 120


@dataclass
class Job:
    """One run: the stack, a client with the demo tenant's key, and the results so far."""

    stack: Stack
    api: httpx.Client
    queue: str
    output: Path
    customer: dict[str, Any] = field(default_factory=dict)
    invoice: dict[str, Any] = field(default_factory=dict)
    subscription: dict[str, Any] = field(default_factory=dict)
    sold: list[dict[str, Any]] = field(default_factory=list)
    statement: dict[str, Any] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """The date of the tenant's clock."""

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A response of the API. An error ends the demo with its reason."""
        return self._response(method, path, body).json()

    def read(self, path: str) -> bytes:
        """A file of the API."""
        return self._response("GET", path).content

    def _response(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        response = self.api.request(method, path, json=body)
        if response.is_success:
            return response
        try:
            problem = response.json()
            reason = f"{problem['code']}: {problem['detail']} {problem.get('errors') or ''}".strip()
        except (ValueError, KeyError, TypeError):
            reason = response.text
        raise LocalError(f"{method} {path} failed with status {response.status_code} {reason}")

    @property
    def path(self) -> str:
        """The invoice's own path."""
        return f"/invoices/{self.invoice['id']}"


def wait_for[T](what: str, look: Callable[[], T | None]) -> T:
    """The first result of `look`, which is repeated until it has one. Without one in time, the demo ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    raise LocalError(f"{what} did not come within {PATIENCE_SECONDS} s.")


def require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 — reads as a sentence
    """End the demo with a reason unless the condition is true."""
    if not condition:
        raise LocalError(otherwise)


def set_clock(job: Job, day: date) -> None:
    """Set the tenant's clock to the morning of a day. All that is due by then runs."""
    job.ask("PUT", "/test-clock", {"now": f"{day}T09:00:00Z"})
    job.today = day


def keep(path: Path, content: bytes) -> None:
    """Leave a file for the user."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise LocalError(f"{path} cannot be written: {error.strerror}.") from error
