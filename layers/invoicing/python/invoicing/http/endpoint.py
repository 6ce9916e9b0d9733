"""`@endpoint`: one declaration from which route, permission, grants, documentation and tests follow."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from invoicing.aws.grants import Grant
from invoicing.core.errors import DomainError
from invoicing.core.identity import Caller
from invoicing.core.stored_file import FailedRequest, WebPage
from invoicing.http.declaration import Endpoint, HttpMethod, Layer
from invoicing.http.respond import respond
from invoicing.http.warm import started
from invoicing.invoices.lifecycle import Action

OF_LISTS = (Grant.SIGN_CURSORS, Grant.READ_FILES, Grant.WRITE_FILES)
"""The grants that every list has implicitly: it signs cursors, and stores a CSV file that is too large."""


def endpoint(  # noqa: PLR0913 — the fields of a declaration
    method: HttpMethod,
    path: str,
    *,
    scope: str | None,
    grants: Sequence[Grant],
    raises: Sequence[type[DomainError]] = (),
    status: int = 200,
    layers: Sequence[Layer] = (),
    memory: int = 1024,
    canary: bool = False,
    action: Action | None = None,
    portal: bool = False,
    upserts: bool = False,
    embedded: bool = False,
    error_page: Callable[[FailedRequest], WebPage] | None = None,
) -> Callable[[Callable[..., Any]], Endpoint]:
    """Make a function the Lambda for `method path`, for callers whose scopes include `scope`.

    The parameters of the function declare its input: one per path variable, `body` and `query` (models), `request`.
    `action` is the action in the lifecycle of a document: the documentation derives the states that allow it.
    `scope=None` makes it public, as download links are. `portal=True` allows it to the tenant's customers, for their
    own documents. `upserts=True`: it creates the last resource in its path if there is none. `embedded=True`: only the
    embedded stack has it. `error_page` writes the page that browsers get in place of an error.
    """

    def declare(handle: Callable[..., Any]) -> Endpoint:
        declared = Endpoint(
            method=method,
            path=path,
            scope=scope,
            status=status,
            raises=tuple(raises),
            grants=tuple(grants),
            layers=tuple(layers),
            memory=memory,
            canary=canary,
            action=action,
            portal=portal,
            upserts=upserts,
            embedded=embedded,
            error_page=error_page,
            handle=handle,
            respond=respond,
        )
        # Only exports of lists use files, so no client for them is made at the start.
        used = declared.grants
        if declared.paginates:
            declared = replace(declared, grants=tuple(dict.fromkeys((*used, *OF_LISTS))))
        started(used, declared.body, declared.query, declared.response, Caller)
        return declared

    return declare
