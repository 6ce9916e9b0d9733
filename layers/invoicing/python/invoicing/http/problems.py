"""Refusals as RFC 9457 problem details: the one place where a code gets its HTTP status."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

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
    WrittenByNewerVersion,
)
ON_EVERY_CHANGE: tuple[type[DomainError], ...] = (
    AnswerErased,
    ConcurrentModification,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    OutcomeUnknown,
    VersionMismatch,
)
GENERAL = (*ON_EVERY_OPERATION, *ON_EVERY_CHANGE)
"""What the kit itself may answer, so that no function has to declare it."""


class ProblemError(BaseModel):
    """One thing that is wrong, with an RFC 6901 pointer into the body, `?name` for a query parameter, or a header."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    pointer: str
    code: str
    message: str


class Problem(BaseModel):
    """An RFC 9457 problem: `code` is stable, `instance` is the id of the request."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: tuple[ProblemError, ...] = ()
    allowed_actions: tuple[str, ...] | None = None


def status_of(error: type[DomainError] | DomainError) -> int:
    """The HTTP status of a refusal."""
    return STATUS[error.category]


def type_of(code: str) -> str:
    """The page that documents a code. It identifies the problem type (RFC 9457, section 3.1.1)."""
    return f"https://docs.invoicing.example/errors/{code}"


def problem(error: DomainError, request_id: str) -> Problem:
    """A refusal as the client sees it."""
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
    """The answer to what nobody foresaw: no internals, but the id that finds them in the log."""
    return Problem(
        type=type_of(INTERNAL_ERROR),
        title="Something went wrong on our side.",
        status=500,
        detail="Repeat it with the same Idempotency-Key, or quote the instance to support.",
        instance=request_id,
        code=INTERNAL_ERROR,
    )
