"""What the kit does once for every function that another service's event starts.

Nobody there waits for an answer, so what is refused is put aside with the reason, at once where trying again would not
help, else when it was tried as often as it may be.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from invoicing.aws import dead_letters
from invoicing.consumers.consume import ends_of, once, reason_of, tried, worked_off
from invoicing.core.errors import Category, DomainError, DuplicateExternalId
from invoicing.core.identity import Caller
from invoicing.core.ids import TenantId
from invoicing.http.body import parse
from invoicing.http.declaration import operation_of
from invoicing.http.request import Request, now_for, request_for
from invoicing.observability import log_line
from invoicing.store import idempotency as kept_answers
from invoicing.store.idempotency import StoredResponse
from invoicing.store.retry import LOST_RACES
from invoicing.tenants.table import tenant_of

if TYPE_CHECKING:
    from invoicing.consumers.subscriber import OutsideSubscriber
    from invoicing.tenants.model import Tenant

_MAY_PASS = {Category.NOT_FOUND, Category.CONFLICT, Category.UNAVAILABLE}
"""Refusals that the next try may not meet: events come in any order, and two at once."""
_LOST_RACES = (*LOST_RACES, DuplicateExternalId)
"""Two events about one new order may arrive at once: the second then finds the order of the first."""


class _Addressed(BaseModel):
    """Whom an event is for. What else it says is read by the consumer's own model."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    tenant_id: TenantId


class _Envelope(BaseModel):
    """An event as EventBridge delivers it: under the same id whenever it is the same one."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str, Field(min_length=1, max_length=100)]
    source: str
    detail_type: Annotated[str, Field(alias="detail-type")]
    detail: _Addressed


def consume_outside(subscriber: "OutsideSubscriber", event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Work off a batch of the queue. Refused events leave it for the dead-letter queue, with the reason."""
    operation = operation_of(subscriber.handle)

    def each(record: Mapping[str, Any]) -> None:
        started = time.perf_counter()
        facts: dict[str, object] = {"message_id": record["messageId"]}
        try:
            outcome = _worked_off(subscriber, operation, record["body"], facts, ends_of(context))
        except Exception as error:
            refused = isinstance(error, DomainError)
            facts["code"] = error.code if isinstance(error, DomainError) else type(error).__name__
            if not _is_final(error, record, subscriber.attempts):
                log_line(operation, started, unexpected=not refused, facts=facts | {"outcome": "failed"})
                raise
            dead_letters.put_aside(record["body"], **reason_of(error))
            log_line(operation, started, unexpected=not refused, facts=facts | {"outcome": "put aside"})
        else:
            log_line(operation, started, unexpected=False, facts=facts | {"outcome": outcome})

    return worked_off(event, context, each)


def _worked_off(
    subscriber: "OutsideSubscriber", operation: str, body: str, facts: dict[str, object], ends: float
) -> str:
    """Have the consumer do what the event asks, for a tenant that takes events of this source."""
    arrived = parse(_Envelope, body.encode())
    facts |= {"event_id": arrived.id, "event_type": arrived.detail_type, "tenant_id": arrived.detail.tenant_id}
    tenant = _listening(operation, arrived)
    told = parse(subscriber.detail, arrived.detail.model_dump_json().encode())
    return once(subscriber.handle, told, _request(operation, arrived, tenant, ends), lost=_LOST_RACES)


def _listening(operation: str, arrived: _Envelope) -> "Tenant":
    """The tenant whom an event is for; refused where it does not listen to the source."""
    tenant_id = arrived.detail.tenant_id
    tenant = tenant_of(request_for(operation, Caller.system(tenant_id), now_for(tenant_id)).store)
    tenant.require_source(arrived.source)
    return tenant


def _request(operation: str, arrived: _Envelope, tenant: "Tenant", ends: float) -> Request:
    """The work that an event asks for; what it commits, it commits once."""
    request = request_for(
        operation,
        Caller.system(tenant.id, tenant.time_zone),
        now_for(tenant.id),
        idempotency=kept_answers.identity(
            arrived.id, caller=(tenant.id, arrived.source), operation=operation, asked=[]
        ),
        render=lambda _: StoredResponse(204, {}, ""),
        ends=ends,
    )
    request.store.session.time_zone = tenant.time_zone
    return request


def _is_final(error: Exception, record: Mapping[str, Any], attempts: int) -> bool:
    """Whether trying again cannot help, or may not be done any more."""
    if isinstance(error, DomainError) and error.category not in _MAY_PASS:
        return True
    return tried(record) >= attempts
