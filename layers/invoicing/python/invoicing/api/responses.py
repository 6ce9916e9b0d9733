"""What an operation may answer beside a thing of the business."""

import base64
from typing import NamedTuple

from invoicing import config
from invoicing.api import problems
from invoicing.api.gateway import Answer
from invoicing.domain.errors import DomainError


class Redirect(NamedTuple):
    """Go there; for a short time only."""

    location: str


class Pdf(NamedTuple):
    """A PDF file that is made for this answer and kept nowhere; browsers show it under this name."""

    content: bytes
    name: str


def pdf_answer(pdf: Pdf) -> Answer:
    """A file, in the form in which the gateway takes bytes."""
    headers = {"Content-Type": "application/pdf", "Content-Disposition": f'inline; filename="{pdf.name}"'}
    body = base64.b64encode(pdf.content).decode()
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}


def headers_for(request_id: str) -> dict[str, str]:
    """The headers of every answer."""
    return {"X-Request-Id": request_id, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def cors_headers(origin: str | None) -> dict[str, str]:
    """What lets a page of an allowed origin read the answer."""
    if origin is None or origin not in config.allowed_origins():
        return {}
    exposed = "ETag, Location, X-Request-Id, Idempotency-Replayed"
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": exposed, "Vary": "Origin"}


def problem_answer(error: DomainError, request_id: str) -> Answer:
    """A refusal as problem details."""
    return _problem(problems.problem(error, request_id), request_id)


def internal_error_answer(request_id: str) -> Answer:
    """The answer to what nobody foresaw."""
    return _problem(problems.internal_error(request_id), request_id)


def _problem(problem: problems.Problem, request_id: str) -> Answer:
    headers = headers_for(request_id) | {"Content-Type": problems.CONTENT_TYPE}
    return {"statusCode": problem.status, "headers": headers, "body": problem.model_dump_json(exclude_none=True)}
