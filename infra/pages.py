"""The pages that document the API, served beside its operations: the document, its reference, the error codes, tools.

They are files, so the gateway reads them from S3: no function runs, and they need no credentials. The local stack
serves the same pages.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pkgutil import resolve_name
from typing import NamedTuple

_HTML = "text/html; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_JSON = "application/json"
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "section{border-top:1px solid #ccc;padding:0 .6rem}:target{background:#fff4c2}code{font-size:.9em}"
)
"""The styles in the page of the error codes."""


class Page(NamedTuple):
    """One page: its path below the API's base URL, its media type, and the function that writes it.

    The function is loaded when it is needed, because most of them import all functions of the service.
    """

    path: str
    media_type: str
    writer: str

    def text(self) -> str:
        """The page's text."""
        return _written(self.writer)


@cache
def _written(writer: str) -> str:
    """The text of a page. It follows from the code and takes seconds, so a process writes it once."""
    return str(resolve_name(writer)())


PAGES = (
    Page("/openapi.json", _JSON, "infra.openapi:text"),
    Page("/events.json", _JSON, "infra.event_schemas:text"),
    Page("/collection.json", _JSON, "infra.clients.collection:text"),
    Page("/llms.txt", "text/plain; charset=utf-8", "infra.clients.llms:text"),
    Page("/errors", _HTML, "infra.error_pages:index"),
    Page("/docs", _HTML, "infra.reference:page"),
    Page("/docs/start.js", _SCRIPT, "infra.reference:start"),
    Page("/docs/swagger-ui.css", "text/css; charset=utf-8", "infra.reference:style"),
    Page("/docs/swagger-ui-bundle.js", _SCRIPT, "infra.reference:bundle"),
)
ERROR_PATH = "/errors/{code}"
"""The URL of an error code (`type` in an error). It redirects to the code's place on the page of all codes."""


def headers() -> Mapping[str, str]:
    """The headers of every page. Browsers ask again after five minutes, with the page's ETag."""
    style = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        # The page of the error codes has its few styles in itself.
        "style-src": f"'self' 'sha256-{style}'",
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
