"""The declarations of files in `functions/`: the data from which infrastructure, documents and tests are derived."""

import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import BaseModel

from invoicing.aws.grants import Grant
from invoicing.core.errors import DomainError
from invoicing.core.page import Page
from invoicing.core.stored_file import FailedRequest, WebPage
from invoicing.http.responses import FILES, JSON, Csv, Redirect, Response
from invoicing.invoices.lifecycle import Action


class Layer(StrEnum):
    """A Lambda layer, by its folder, that a function needs beyond `dependencies` and `invoicing`, which all have."""

    ATTACHMENTS = "attachments"
    """Packages that check files and HTML of clients."""
    DOCUMENTS = "documents"
    """Packages that render documents."""
    FACTURX = "facturx"
    """Packages that put e-invoices into PDFs."""
    TEXTS = "texts"
    """The package that formats amounts and dates, for functions that send mails. `documents` has it too, because a
    function has at most five layers.
    """
    TOKENS = "tokens"
    """Packages that verify tokens, for the authorizer."""


def operation_of(handle: Callable[..., Any]) -> str:
    """The name of the operation: that of its file."""
    return handle.__module__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """The declaration of every kind of function. `memory` is in MB, `timeout` in seconds.

    `embedded`: deployed only to the embedded stack, for tests. `opt_in`: the setting of the stage without which it is
    not deployed.
    """

    grants: Sequence[Grant] = ()
    layers: Sequence[Layer] = ()
    memory: int = 1024
    timeout: int = 29
    embedded: bool = False
    opt_in: str | None = None


HttpMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Endpoint(Declaration):
    """One route and the Lambda behind it. Callable as a Lambda handler."""

    method: HttpMethod
    path: str
    scope: str | None
    status: int
    raises: tuple[type[DomainError], ...]
    handle: Callable[..., Any]
    respond: Callable[["Endpoint", Mapping[str, Any], object], Response]
    """The steps around the handler, which all operations share (`http.respond`)."""
    canary: bool = False
    action: Action | None = None
    portal: bool = False
    upserts: bool = False
    error_page: Callable[[FailedRequest], WebPage] | None = None
    """The page that browsers get in place of an error."""

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
    def body_required(self) -> bool:
        """Whether a request must have a body. An empty one counts as `{}` if its model requires no field."""
        return self.body is not None and any(field.is_required() for field in self.body.model_fields.values())

    @cached_property
    def query(self) -> type[BaseModel] | None:
        """The model of the query string, if the operation has one."""
        return self._hints.get("query")

    @cached_property
    def _returned(self) -> tuple[Any, ...]:
        declared = self._hints["return"]
        return get_args(declared) or (declared,)

    @cached_property
    def response(self) -> Any:
        """The type of the response: a model, `Page[model]`, a file, a page, `Redirect`, or None for 204."""
        return self._returned[0]

    @cached_property
    def media_types(self) -> tuple[str, ...]:
        """The media types of its responses. Requests choose one by `Accept`; the first is the default."""
        kinds = [*self._returned, *([Csv] if self.paginates else [])]
        return tuple(FILES.get(one, JSON) for one in kinds if one is not Redirect) or (JSON,)

    @cached_property
    def redirects_large_files(self) -> bool:
        """Whether the response can be a file, or a redirect to one that is too large for a response."""
        return self.paginates or (len(self._returned) > 1 and Redirect in self._returned)

    @property
    def takes_head(self) -> bool:
        """Whether it also responds to HEAD: pages, whose links mail scanners and previews examine."""
        return self.method == "GET" and self.error_page is not None

    @property
    def dry_runs(self) -> bool:
        """Whether a request can ask for the result only. Nothing is stored then, and the status is 200."""
        return self.body is not None and "dry_run" in self.body.model_fields

    @property
    def recognizes(self) -> bool:
        """Whether the response can be about resources of an earlier request. The status is 200 then."""
        return hasattr(self.response, "was_known")

    @property
    def starts_job(self) -> bool:
        """Whether the response is about work that continues in the background, and `Location` shows its progress."""
        return not self.path_parameters and hasattr(self.response, "job_id")

    @property
    def has_version(self) -> bool:
        """Whether it concerns a resource with a version: one in its path, or the tenant itself."""
        if self.scope is None:
            return False
        return bool(self.path_parameters) or self.method in {"PATCH", "PUT"}

    @property
    def paginates(self) -> bool:
        """Whether the response is a list with a cursor. Each list is also a CSV file."""
        return isinstance(self.response, type) and issubclass(self.response, Page)

    @cached_property
    def entry(self) -> type[BaseModel]:
        """The model of a list's entries."""
        [model] = self.response.__pydantic_generic_metadata__["args"]
        return model  # type: ignore[no-any-return]  # The argument of a generic model.

    @cached_property
    def shows(self) -> bool:
        """Whether it only shows stored data. All other operations decide or compute with it."""
        stored = "version" in getattr(self.response, "model_fields", ())
        return Grant.COMMIT not in self.grants and (stored or self.paginates)

    def __call__(self, event: Mapping[str, Any], context: object) -> Response:
        """Respond to one request of the gateway."""
        return self.respond(self, event, context)
