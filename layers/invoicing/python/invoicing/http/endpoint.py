"""`@endpoint`: one declaration from which route, permission, grants, documentation and tests follow."""

import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel

from invoicing.aws.grants import Grant
from invoicing.core.errors import DomainError
from invoicing.core.identity import Caller
from invoicing.core.page import Page
from invoicing.http.declaration import Declaration, Layer
from invoicing.http.respond import respond
from invoicing.http.responses import Answer
from invoicing.http.warm import started
from invoicing.invoices.lifecycle import Action

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Endpoint(Declaration):
    """One route and the Lambda behind it. Callable as a Lambda handler."""

    method: Method
    path: str
    scope: str | None
    status: int
    raises: tuple[type[DomainError], ...]
    handle: Callable[..., Any]
    canary: bool = False
    action: Action | None = None
    portal: bool = False
    upserts: bool = False

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(self.handle, include_extras=True)

    @cached_property
    def path_parameters(self) -> Mapping[str, Any]:
        """The variables of the path in order, each with its type."""
        return {name: self._hints[name] for name in _VARIABLE.findall(self.path)}

    @cached_property
    def body(self) -> type[BaseModel] | None:
        """The model a request's body must fit, if the operation has one."""
        return self._hints.get("body")

    @cached_property
    def query(self) -> type[BaseModel] | None:
        """The model of the query string, if the operation takes one."""
        return self._hints.get("query")

    @cached_property
    def answer(self) -> Any:
        """What the operation answers: a model, `Page[model]`, `Redirect`, or None for 204."""
        return self._hints["return"]

    @property
    def paginates(self) -> bool:
        """Whether the answer is a list with a cursor."""
        return isinstance(self.answer, type) and issubclass(self.answer, Page)

    @cached_property
    def shows(self) -> bool:
        """Whether it only shows what is stored. Everything else decides or computes by it."""
        stored = "version" in getattr(self.answer, "model_fields", ())
        return Grant.COMMIT not in self.grants and (stored or self.paginates)

    def __call__(self, event: Mapping[str, Any], context: object) -> Answer:
        """Answer one request of the gateway."""
        return respond(self, event, context)


def endpoint(
    method: Method,
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
) -> Callable[[Callable[..., Any]], Endpoint]:
    """Make a function the Lambda that answers `method path`, for callers whose scopes include `scope`.

    The function names what it needs: a parameter per path variable, `body` and `query` (models), `request`.
    `action` is what it does in the lifecycle of a document: the states that allow it are documented from there.
    `scope=None` is for the one thing that is open to the world: download links. `portal=True` is for what the tenant's
    customers may do too, with documents of their own; `upserts=True` for what makes the thing that its path names last
    where that is not there yet; `embedded=True` for what only the embedded stack has.
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
            handle=handle,
        )
        if declared.paginates:
            declared = replace(declared, grants=(*declared.grants, Grant.SIGN_CURSORS))
        started(declared.grants, declared.body, declared.query, declared.answer, Caller)
        return declared

    return declare
