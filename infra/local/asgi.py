"""The parts of ASGI that the local stack's own pages need."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Pages show foreign input (mails) and load nothing from other origins.
_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'"
)


def header(scope: Scope, name: bytes) -> str:
    """A header of the request, empty if it has none of that name."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


async def response(
    send: Send, body: bytes, content_type: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    """Send a whole response. `headers` replace those that every response has."""
    named = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "content-security-policy": _POLICY,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    } | {name.lower(): value for name, value in headers}
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


async def whole_body(receive: Receive) -> bytes:
    """The body of a request, to its end."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)
