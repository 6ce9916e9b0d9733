"""API Gateway's shapes (REST, Lambda proxy), as far as the service uses them."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, NotRequired, TypedDict

from invoicing import config
from invoicing.core.errors import DomainError
from invoicing.core.stored_file import WebPage, content_disposition
from invoicing.http import problems


class Response(TypedDict):
    """The response of a function to the gateway."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: NotRequired[bool]


GatewayEvent = Mapping[str, Any]
"""The event that the gateway passes to a function."""


class Redirect(NamedTuple):
    """A temporary redirect."""

    location: str


class Pdf(NamedTuple):
    """A PDF file that is rendered for this response and not stored. Browsers show it under this name."""

    content: bytes
    name: str


class Xml(NamedTuple):
    """An XML file that is rendered for this response.

    Browsers download it under this name instead of showing its tags.
    """

    content: bytes
    name: str


class Csv(NamedTuple):
    """The entries of a list as a CSV file in UTF-8. Browsers download it under this name."""

    content: bytes
    name: str


JSON = "application/json"
HTML = "text/html"
FILES: dict[type, str] = {Pdf: "application/pdf", Xml: "application/xml", Csv: "text/csv", WebPage: HTML}
"""The kinds of files that an operation may return, with their media types."""


MOST_BYTES = 4 * 1024 * 1024
"""The largest file in a response. Lambda limits a response to 6 MB, in which a file takes a third more (base64)."""


def sent_or_stored[F: (Pdf, Xml, Csv)](file: F, tenant_id: str, file_id: str) -> F | Redirect:
    """A file as the response, or a redirect to a URL for five minutes if it is too large for one.

    The tenant and the id name the stored file.
    """
    if len(file.content) <= MOST_BYTES:
        return file
    # Loaded here, because only few operations respond with files.
    from invoicing.aws.files import store_temporarily

    kind = FILES[type(file)]
    return Redirect(store_temporarily(tenant_id, file_id, file.content, name=file.name, content_type=kind))


def file_response(file: Pdf | Xml | Csv) -> Response:
    """A file as the gateway accepts bytes (base64)."""
    shown = content_disposition("inline" if isinstance(file, Pdf) else "attachment", file.name)
    headers = {"Content-Type": FILES[type(file)], "Content-Disposition": shown}
    body = base64.b64encode(file.content).decode()
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}


def page_response(page: WebPage, status: int = 200) -> Response:
    """A page for browsers, which run no script of it, and put it into no frame, cache or search."""
    style = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{style}'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "Content-Type": f"{HTML}; charset=utf-8",
        "Content-Security-Policy": policy,
        # `no-referrer` would make browsers send `Origin: null` with a form.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    return {"statusCode": status, "headers": headers, "body": page.content}


def headers_for(request_id: str) -> dict[str, str]:
    """The headers of every response."""
    return {"X-Request-Id": request_id, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def cors_headers(origin: str | None) -> dict[str, str]:
    """The headers that allow pages of an allowed origin to read the response (CORS)."""
    if origin is None or origin not in config.allowed_origins():
        return {}
    exposed = "ETag, Link, Location, Retry-After, X-Request-Id, Idempotency-Replayed"
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": exposed, "Vary": "Origin"}


def problem_response(error: DomainError, request_id: str) -> Response:
    """An error as problem details."""
    response = _problem(problems.problem(error, request_id), request_id)
    if error.retry_after is not None:
        response["headers"]["Retry-After"] = str(error.retry_after)
    return response


def internal_error_response(request_id: str) -> Response:
    """The response to an unexpected error."""
    return _problem(problems.internal_error(request_id), request_id)


def _problem(problem: problems.Problem, request_id: str) -> Response:
    headers = headers_for(request_id) | {"Content-Type": problems.CONTENT_TYPE}
    return {"statusCode": problem.status, "headers": headers, "body": problem.model_dump_json(exclude_none=True)}
