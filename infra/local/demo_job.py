"""One run of the demo: its requests, its waits and its clock."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
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

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A response of the API. An error ends the demo with its reason."""
        response = self.api.request(method, path, json=body)
        if response.is_success:
            return response.json()
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
