"""Errors as RFC 9457 problem details. Only this module assigns HTTP statuses to codes."""

from typing import Literal

from pydantic import ConfigDict

from invoicing import config
from invoicing.core.errors import (
    AnswerErased,
    Category,
    ConcurrentModification,
    DomainError,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InsufficientPermissions,
    Invalid,
    InvalidType,
    OutcomeUnknown,
    TooLarge,
    VersionMismatch,
)
from invoicing.core.model import Model
from invoicing.core.tolerant import WrittenByNewerVersion

CONTENT_TYPE = "application/problem+json"
STATUS = {
    Category.INVALID: 400,
    Category.UNAUTHENTICATED: 401,
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.GONE: 410,
    Category.STALE: 412,
    Category.TOO_LARGE: 413,
    Category.UNSUPPORTED: 415,
    Category.RULE_BROKEN: 422,
    Category.UNAVAILABLE: 503,
}
ON_EVERY_OPERATION: tuple[type[DomainError], ...] = (
    Invalid,
    InvalidType,
    InsufficientPermissions,
    TooLarge,
    ConcurrentModification,
    WrittenByNewerVersion,
)
ON_EVERY_CHANGE: tuple[type[DomainError], ...] = (
    AnswerErased,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    OutcomeUnknown,
    VersionMismatch,
)
GENERAL = (*ON_EVERY_OPERATION, *ON_EVERY_CHANGE)
"""Errors that the shared steps may raise, so that no function has to declare them."""


class ProblemError(Model):
    """One mistake in a request."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    pointer: str
    """Location of the mistake: an RFC 6901 pointer into the body, `?name` for a query parameter, or the name of a
    header."""
    code: str
    """Code of the mistake, `VALIDATION_ERROR` or `INVALID_TYPE` or the code of the broken rule."""
    message: str
    """Explanation for developers, in English."""


class Problem(Model):
    """An error as RFC 9457 problem details."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    type: str
    """URL of the page that documents the error code, relative to the URL of the request (RFC 9457, section 3.1.1)."""
    title: str
    """Short summary of the error code, the same for each occurrence."""
    status: int
    """HTTP status code of the response."""
    detail: str
    """Explanation of this occurrence, in English."""
    instance: str
    """Identifier of the request, the same as in the header `X-Request-Id`."""
    code: str
    """Stable error code for programs."""
    errors: tuple[ProblemError, ...] = ()
    """Mistakes in the request, at most 100; empty where the error concerns no single field."""
    allowed_actions: tuple[str, ...] | None = None
    """Actions that the status of the object allows; present with errors about the status only."""


def status_of(error: type[DomainError] | DomainError) -> int:
    """The HTTP status of an error."""
    return STATUS[error.category]


def type_of(code: str) -> str:
    """The page that documents a code. It identifies the problem type (RFC 9457, section 3.1.1)."""
    return f"{config.error_pages()}/{code}"


def problem(error: DomainError, request_id: str) -> Problem:
    """An error as the client receives it."""
    return Problem(
        type=type_of(error.code),
        title=error.title(),
        status=status_of(error),
        detail=error.detail,
        instance=request_id,
        code=error.code,
        errors=tuple(ProblemError(pointer=e.pointer, code=e.code, message=e.message) for e in error.errors),
        allowed_actions=error.allowed_actions,
    )


INTERNAL_ERROR: Literal["INTERNAL_ERROR"] = "INTERNAL_ERROR"


def internal_error(request_id: str) -> Problem:
    """The response to an unexpected error: no internals, only the request id for the log."""
    return Problem(
        type=type_of(INTERNAL_ERROR),
        title="Something went wrong on our side.",
        status=500,
        detail="Repeat it with the same Idempotency-Key, or quote the instance to support.",
        instance=request_id,
        code=INTERNAL_ERROR,
    )
