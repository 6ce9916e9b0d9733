"""`invoicing listen`: passes the events of a running service on to a program on this machine, as webhooks.

It polls, so the service needs no way to this machine. The endpoint exists while the command runs.
"""

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx

from infra.local.failure import LocalError
from infra.local.service import asked
from invoicing.webhooks.signing import headers_of

_LOOK_SECONDS = 1
_AT_ONCE = 100
_WAIT_SECONDS = 15


class ListenedEndpoint(NamedTuple):
    """The endpoint that is polled: its path, and the secret that signs the requests to the program."""

    path: str
    secret: str


def listen(target: str, *, api_url: str, key: str, events: Sequence[str], show: Callable[[str], None]) -> None:
    """Pass events on until the user ends it. A program that fails gets the same event again, before all later ones."""
    headers = {"Authorization": f"Bearer {key}"}
    with (
        httpx.Client(base_url=api_url, headers=headers, timeout=_WAIT_SECONDS) as api,
        httpx.Client(timeout=_WAIT_SECONDS) as program,
        polled(api, events) as endpoint,
    ):
        show(f"Secret   {endpoint.secret}")
        show(f"Events   {', '.join(events)} → {target}")
        while True:
            if not pass_on(api, program, endpoint, target, show):
                time.sleep(_LOOK_SECONDS)


@contextmanager
def polled(api: httpx.Client, events: Sequence[str]) -> Iterator[ListenedEndpoint]:
    """An endpoint that is polled, deleted at the end."""
    body = {"kind": "pull", "events": list(events), "description": "invoicing listen"}
    made = asked(api, "POST", "/webhook-endpoints", body)
    path = f"/webhook-endpoints/{made['id']}"
    try:
        yield ListenedEndpoint(path, made["secret"])
    finally:
        with suppress(LocalError):
            asked(api, "DELETE", path)


def pass_on(
    api: httpx.Client, program: httpx.Client, endpoint: ListenedEndpoint, target: str, show: Callable[[str], None]
) -> bool:
    """Pass the pending events on, oldest first, until one fails. Returns whether more may wait."""
    pending = f"{endpoint.path}/deliveries?status=pending&order=asc&limit={_AT_ONCE}"
    waiting = asked(api, "GET", pending)["data"]
    done = []
    for delivery in waiting:
        outcome = _sent(program, delivery, endpoint, target)
        show(f"{delivery['event']['type']}   {delivery['event']['id']}   {outcome}")
        if not outcome.startswith("2"):
            break
        done.append(delivery["id"])
    if done:
        asked(api, "POST", f"{endpoint.path}/acknowledge", {"delivery_ids": done})
    return bool(waiting) and len(done) == len(waiting)


def _sent(program: httpx.Client, delivery: dict[str, Any], endpoint: ListenedEndpoint, target: str) -> str:
    """Send one event to the program. Returns the status of its response, or the reason why there is none."""
    secret = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    headers = headers_of(delivery["event"]["id"], delivery["body"], datetime.now(UTC), [secret])
    try:
        response = program.post(
            target, content=delivery["body"], headers={**headers, "Content-Type": "application/json"}
        )
    except httpx.TransportError as error:
        return type(error).__name__
    return str(response.status_code)
