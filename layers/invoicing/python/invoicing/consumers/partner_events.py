"""`@partner_event`: consumers of events that another service publishes on the bus.

The sender does not wait for a response. So a refused event goes to the dead-letter queue with the reason: at once if a
retry cannot succeed, else after the last attempt.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Unpack

from pydantic import BaseModel, ConfigDict, Field

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventId, EventSource, Facts, Task, store_of
from invoicing.core.errors import Category, DomainError, DuplicateExternalId
from invoicing.core.ids import TenantId
from invoicing.core.model import Model
from invoicing.http.body import parse
from invoicing.store.retry import LOST_RACES
from invoicing.tenants.table import tenant_of

_RETRYABLE = {Category.NOT_FOUND, Category.CONFLICT, Category.UNAVAILABLE}
"""Refusals that the next attempt may not meet: events arrive in any order, and two at the same time."""


class _Addressed(Model):
    """The tenant that an event is for. The consumer's own model reads the rest of the detail."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    tenant_id: TenantId


class _Envelope(Model):
    """An event as EventBridge delivers it. The same event always has the same id."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str, Field(min_length=1, max_length=100)]
    source: str
    detail_type: Annotated[str, Field(alias="detail-type")]
    detail: _Addressed


@dataclass(frozen=True)
class PartnerEvents(EventSource):
    """Events of another service, for the tenants that accept events of it."""

    lost_races: ClassVar[tuple[type[DomainError], ...]] = (*LOST_RACES, DuplicateExternalId)
    """Two events about one new order may arrive at once: the second one then finds the order of the first."""
    expects_refusals: ClassVar[bool] = True

    partner: str
    detail: type[BaseModel]

    @property
    def senders(self) -> tuple[str, ...]:
        """The other service, unless the stage names others."""
        return (self.partner,)

    def read(self, body: str, facts: Facts) -> Task:
        """Get the detail, which is handled once. Refuses a tenant that does not accept events of the sender."""
        event = parse(_Envelope, body.encode())
        tenant_id = event.detail.tenant_id
        facts |= {"event_id": event.id, "event_type": event.detail_type, "tenant_id": tenant_id}
        tenant = tenant_of(store_of(tenant_id))
        tenant.require_source(event.source)
        detail = parse(self.detail, event.detail.model_dump_json().encode())
        return Task(detail, tenant.id, tenant.time_zone, EventId(event.source, event.id))

    def is_final(self, error: Exception) -> bool:
        """Whether the refusal stays the same whenever the event is delivered."""
        return isinstance(error, DomainError) and error.category not in _RETRYABLE


def partner_event(
    event: str, *, source: str, detail: type[BaseModel], **options: Unpack[Options]
) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of an event of other services: `handler(detail, request)`.

    `source` is the sender of a stage that names no others in its setting `event_sources`.
    """
    return consumer(PartnerEvents((event,), source, detail), options)
