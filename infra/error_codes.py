"""The error codes of the API, and the operations that can return each of them.

A code of the service is a class: the first line of its docstring is the title, the rest explains how to solve the
error. The codes that only the gateway returns are declared here.
"""

import inspect
from collections.abc import Iterator
from typing import NamedTuple

from infra.discovery import endpoints
from invoicing.core.errors import (
    DomainError,
    InsufficientPermissions,
    InvalidToken,
    OutcomeUnknown,
    TooLarge,
    Unauthenticated,
    VersionMismatch,
)
from invoicing.http import problems
from invoicing.http.declaration import Endpoint


class ErrorCode(NamedTuple):
    """One code: its HTTP status, its title, how to solve the error, and after how many seconds a retry can succeed."""

    status: int
    code: str
    title: str
    remedy: str
    retry_after: int | None = None


def declared(error: type[DomainError]) -> ErrorCode:
    """The code of a class."""
    _, _, remedy = inspect.cleandoc(error.__doc__ or "").partition("\n")
    return ErrorCode(
        problems.status_of(error),
        error.code,
        error.title(),
        " ".join(remedy.split()),
        error.retry_after,
    )


FIREWALL_SECONDS = 300
"""The time over which the firewall counts requests."""
MISSING_CREDENTIALS = ErrorCode(
    401, "MISSING_CREDENTIALS", "The request has no credentials.", "Send an API key or a token in `Authorization`."
)
REQUEST_BLOCKED = ErrorCode(
    403,
    "REQUEST_BLOCKED",
    "The firewall refused the request.",
    "Send fewer requests from one address, after the time in `Retry-After`, and no content that looks like an attack.",
    retry_after=FIREWALL_SECONDS,
)
NO_ROUTE = ErrorCode(
    404, "ROUTE_NOT_FOUND", "There is no such operation.", "Check the method and the path of the request."
)
UNSUPPORTED_MEDIA_TYPE = ErrorCode(
    415, "UNSUPPORTED_MEDIA_TYPE", "The body's media type is not supported.", "Send JSON, or a form with files."
)
TOO_MANY_REQUESTS = ErrorCode(
    429,
    "TOO_MANY_REQUESTS",
    "There are too many requests; try again later.",
    "Repeat the request after the time in `Retry-After`, and wait longer after each further refusal.",
    retry_after=1,
)
INTERNAL_ERROR = ErrorCode(
    500,
    problems.INTERNAL_ERROR,
    problems.internal_error("").title,
    "Repeat the request with the same `Idempotency-Key`. If it fails again, quote `instance` to support.",
)
TIMEOUT = ErrorCode(
    504,
    "TIMEOUT",
    "The operation took too long; repeat it with the same Idempotency-Key.",
    "Repeat the request with the same `Idempotency-Key` after the time in `Retry-After`: it is performed at most once.",
    retry_after=5,
)


def possible(endpoint: Endpoint) -> list[ErrorCode]:
    """Every code that an operation can return, by status and code."""
    found = {one.code: one for one in _possible(endpoint)}
    return sorted(found.values(), key=lambda one: (one.status, one.code))


def every() -> dict[str, tuple[ErrorCode, list[str]]]:
    """Every code of the contract, with the names of the operations that can return it."""
    found: dict[str, tuple[ErrorCode, list[str]]] = {}
    for function, endpoint in endpoints():
        for one in possible(endpoint):
            found.setdefault(one.code, (one, []))[1].append(function.name)
    return dict(sorted(found.items()))


def changes(endpoint: Endpoint) -> bool:
    """Whether an operation can change something, so that it takes an Idempotency-Key. Forms of pages have none."""
    return endpoint.method != "GET" and endpoint.scope is not None


def _possible(endpoint: Endpoint) -> Iterator[ErrorCode]:
    if endpoint.scope is not None:
        yield MISSING_CREDENTIALS
        yield from map(declared, (Unauthenticated, InvalidToken))
    yield from map(declared, _general(endpoint))
    yield from map(declared, endpoint.raises)
    yield from (REQUEST_BLOCKED, NO_ROUTE, TOO_MANY_REQUESTS, INTERNAL_ERROR, TIMEOUT)
    if endpoint.body is not None:
        yield UNSUPPORTED_MEDIA_TYPE


def _general(endpoint: Endpoint) -> list[type[DomainError]]:
    """The errors of the shared steps that are possible here, depending on scope, body and version."""
    errors = [*problems.ON_EVERY_OPERATION, *(problems.ON_EVERY_CHANGE if changes(endpoint) else ())]
    impossible: set[type[DomainError]] = set()
    if endpoint.scope is None:
        impossible.add(InsufficientPermissions)
        errors += [OutcomeUnknown] if endpoint.method != "GET" else []
    if endpoint.body is None:
        impossible.add(TooLarge)
    if not endpoint.has_version:
        impossible.add(VersionMismatch)
    return [error for error in errors if error not in impossible]
