"""The front of the embedded AWS: the API under the address it is documented with, and pages for people."""

import asyncio
import mimetypes
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from infra.local.asgi import Application, Receive, Scope, Send, response
from infra.local.mailbox import Mailbox

_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Invoicing API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, filter: true, docExpansion: "list",
  tagsSorter: "alpha", defaultModelsExpandDepth: 0, persistAuthorization: true, validatorUrl: null
})
"""


@dataclass
class Front:
    """One port for everything: `/v1` is the API, `/docs` and `/errors` document it, `/mailbox` has its mail.

    The rest is AWS.
    """

    aws: Application
    api_id: str | None = None
    mailbox: Mailbox = field(default_factory=Mailbox)
    _document: bytes | None = None

    def __post_init__(self) -> None:
        self.aws = self.mailbox.listening(self.aws)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        path = scope.get("path", "")
        if scope["type"] != "http":
            await self.aws(scope, receive, send)
        elif path.startswith("/v1/"):
            await self._call_api(scope, receive, send)
        elif path == "/openapi.json":
            await response(send, await self._openapi(), "application/json")
        elif path == "/docs" or path.startswith("/docs/"):
            await _docs(path, send)
        elif path == "/errors" or path.startswith("/errors/"):
            await _errors(path.removeprefix("/errors").strip("/"), send)
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

    async def _openapi(self) -> bytes:
        if self._document is None:
            self._document = (await asyncio.to_thread(_openapi)).encode()
        return self._document


def _openapi() -> str:
    # It imports every function, and the stack starts faster without.

    from infra import openapi

    return openapi.text()


async def _errors(code: str, send: Send) -> None:
    page = await asyncio.to_thread(_error_page, code)
    if page is None:
        await response(send, b"There is no such error code.", "text/plain", status=404)
    else:
        await response(send, page.encode(), "text/html; charset=utf-8")


def _error_page(code: str) -> str | None:
    from infra import error_pages

    return error_pages.page(code) if code else error_pages.index()


async def _docs(path: str, send: Send) -> None:
    name = path.removeprefix("/docs").strip("/")
    if not name:
        await response(send, _PAGE.encode(), "text/html; charset=utf-8")
    elif name == "start.js":
        await response(send, _START.encode(), "text/javascript")
    elif name in _ASSETS:
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        await response(send, _asset(name).read_bytes(), content_type)
    else:
        await response(send, b"There is no such page.", "text/plain", status=404)


def _asset(name: str) -> Path:
    """A file of Swagger UI. The package that ships it is not imported: that would want its web framework."""
    folder = "drf_spectacular_sidecar/static/drf_spectacular_sidecar/swagger-ui-dist"
    return Path(str(metadata.distribution("drf-spectacular-sidecar").locate_file(f"{folder}/{name}")))
