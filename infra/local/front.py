"""The front of the embedded AWS: the API under the address it is documented with, and pages for people."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from urllib.parse import quote

from infra.local.asgi import Application, Receive, Scope, Send, header, response
from infra.local.mailbox import Mailbox
from infra.pages import ERROR_PATH, PAGES, Page, headers

_PAGES = {f"/v1{page.path}": page for page in PAGES}
_ERROR = f"/v1{ERROR_PATH}".removesuffix("{code}")


@dataclass
class Front:
    """One port for everything: `/v1` is the API with the pages that document it, `/mailbox` has its mail.

    The rest is AWS.
    """

    aws: Application
    api_id: str | None = None
    mailbox: Mailbox = field(default_factory=Mailbox)
    _texts: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.aws = self.mailbox.listening(self.aws)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        path = scope.get("path", "")
        if scope["type"] != "http":
            await self.aws(scope, receive, send)
        elif page := _PAGES.get(path):
            await self._show(page, scope, send)
        elif path.startswith(_ERROR):
            place = ("location", f"../errors#{quote(path.removeprefix(_ERROR))}")
            await response(send, b"", "text/plain", status=302, headers=(place, *headers().items()))
        elif path.startswith("/v1/"):
            await self._call_api(scope, receive, send)
        elif path == "/mailbox" or path.startswith("/mailbox/"):
            await self.mailbox.show(scope, send)
        else:
            await self.aws(scope, receive, send)

    async def _call_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.api_id is None:
            await response(send, b"The API is not deployed yet.", "text/plain", status=503)
            return
        prefix = f"/_aws/execute-api/{self.api_id}"
        client, port = scope["client"][0], scope["server"][1]
        # API Gateway writes these headers itself; ministack would accept those of the client.
        forwarded = {
            b"x-forwarded-for": client.encode(),
            b"x-forwarded-proto": scope["scheme"].encode(),
            b"x-forwarded-port": str(port).encode(),
        }
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in forwarded]
        behind = {
            **scope,
            "path": prefix + scope["path"],
            "raw_path": prefix.encode() + scope["raw_path"],
            "headers": [*headers, *forwarded.items()],
        }
        await self.aws(behind, receive, send)

    async def _show(self, page: Page, scope: Scope, send: Send) -> None:
        text = self._texts.get(page.path)
        if text is None:
            # Most pages import every function, which takes a while.
            text = self._texts[page.path] = (await asyncio.to_thread(page.text)).encode()
        tag = f'"{hashlib.sha256(text).hexdigest()}"'
        fixed = (("etag", tag), *headers().items())
        if header(scope, b"if-none-match") == tag:
            await response(send, b"", page.media_type, status=304, headers=fixed)
        else:
            await response(send, text, page.media_type, headers=fixed)
