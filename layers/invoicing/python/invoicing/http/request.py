"""The request, which functions get in addition to path, query and body."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import Message
from typing import NamedTuple

from invoicing import config
from invoicing.core import clock
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.model import Value
from invoicing.core.page import ListQuery, Page
from invoicing.http.responses import FILES, JSON, Pdf
from invoicing.store.listing import Filter, KeyRange, page_of
from invoicing.store.session import Session
from invoicing.store.store import Store


class Request(NamedTuple):
    """One request: its caller, its time, and the table as the caller sees it."""

    operation: str
    store: Store
    source_ip: str | None = None
    delivery: int = 1
    """How often the message of a queue was delivered, this delivery included."""
    media_type: str = JSON
    """The media type of the response, which the client chose by `Accept`."""
    user_agent: str | None = None
    """The program that sends the request, as it names itself."""
    origin: str | None = None
    """The origin of the page that sends the request, as the browser names it."""
    accepted_languages: str = ""
    """The languages of the browser (`Accept-Language`)."""
    is_head: bool = False
    """Whether only the headers of the response are wanted (HEAD)."""

    @property
    def caller(self) -> Caller:
        """Who makes the request."""
        return self.store.session.caller

    @property
    def now(self) -> datetime:
        """When the request is handled, by the tenant's clock."""
        return self.store.session.now

    @property
    def stage(self) -> str:
        """The name of the deployment, which API keys contain."""
        return config.setting("STAGE")

    @property
    def moment(self) -> Moment:
        """Who makes the changes of this request, and when."""
        return self.store.session.moment

    def wants(self, file: type[Pdf]) -> bool:
        """Whether the client prefers this kind of file to the other responses of the operation."""
        return self.media_type == FILES[file]

    def new_id(self, prefix: str) -> str:
        """A new id with the time of the request."""
        return new_id(prefix, self.now)

    def page[V: Value](
        self,
        model: type[V],
        query: ListQuery,
        ranges: Sequence[KeyRange],
        conditions: Sequence[Filter] = (),
        *,
        about: str | None = None,
    ) -> Page[V]:
        """One page of a list; its cursor is valid for this tenant, operation, query and resource only."""
        bound_to = [self.caller.tenant_id, self.operation, about]
        return page_of(model, ranges, query, conditions, bound_to=bound_to)

    def acting_for(self, tenant_id: str) -> "Request":
        """The same request, made by the service itself for a tenant that was unknown before."""
        now = now_for(tenant_id)
        return self._replace(store=Store(Session(Caller.system(tenant_id), now)))


def now_for(tenant_id: str) -> datetime:
    """The time for a tenant: the real time, unless a test has set the tenant's clock in the embedded stack."""
    now = clock.now()
    if not config.test_clocks():
        return now
    from invoicing.tenants.table import ahead

    return now + ahead(tenant_id)


def header(headers: Mapping[str, str] | None, name: str) -> str | None:
    """A header by its name without case, because the gateway passes on the case of the client."""
    wanted = name.lower()
    return next((value for key, value in (headers or {}).items() if key.lower() == wanted), None)


class _Range(NamedTuple):
    """A media range, with the quality that the client gives it."""

    name: str
    quality: float


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that a client prefers (RFC 9110). The first one if it accepts none or several equally."""
    if accept is None or len(offered) == 1:
        return offered[0]
    ranges = [_range(one) for one in accept.split(",")]
    return max(offered, key=lambda type_: _quality(type_, ranges))


def _range(text: str) -> _Range:
    message = Message()
    message["Content-Type"] = text.strip()
    try:
        quality = float(str(message.get_param("q", "1")))
    except ValueError:
        quality = 0.0
    return _Range(text.partition(";")[0].strip().lower(), quality)


def _quality(type_: str, ranges: Sequence[_Range]) -> float:
    """The quality of a media type: that of the most specific range that has it."""
    for name in (type_, f"{type_.partition('/')[0]}/*", "*/*"):
        for one in ranges:
            if one.name == name:
                return one.quality
    return 0.0
