"""What the kit does once for every function that works off a queue of events."""

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from pydantic import BaseModel, ConfigDict

from invoicing.aws import dead_letters
from invoicing.aws.grants import Grant
from invoicing.core import clock
from invoicing.core.errors import DomainError
from invoicing.core.identity import Caller
from invoicing.core.tolerant import read
from invoicing.http.declaration import operation_of
from invoicing.http.request import Request, now_for, request_for
from invoicing.observability import log_line
from invoicing.outbox.hour import HourPart
from invoicing.store import idempotency as kept_answers
from invoicing.store.idempotency import StoredResponse
from invoicing.store.retry import LOST_RACES, retry_on_conflict
from invoicing.store.store import Repeated
from invoicing.tenants.table import tenant_of

if TYPE_CHECKING:
    from invoicing.consumers.subscriber import HourlySubscriber, HourPartSubscriber, Subscriber


_RESERVE_SECONDS = 5.0


class EventResource(BaseModel):
    """What an event is about."""

    model_config = ConfigDict(frozen=True)

    object: str
    id: str
    version: int


class BusEvent(BaseModel):
    """An event as it arrives from the bus. Unknown fields are tolerated."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    tenant_id: str
    occurred_at: str
    resource: EventResource
    data: dict[str, Any]

    @property
    def details(self) -> dict[str, Any]:
        """What is to be known beyond the thing itself."""
        found: dict[str, Any] = self.data.get("details", {})
        return found


class _Delivered(BaseModel):
    detail: BusEvent


def each_message(
    subscriber: "Subscriber", event: Mapping[str, Any], context: Any, work: Callable[[str, dict[str, object]], str]
) -> Mapping[str, Any]:
    """Work off a batch of a queue, message by message; what fails goes back into it.

    `work` gets a message's body and the facts to log, to which it adds, and returns what came of it. What a consumer
    that may put aside has tried as often as it may is put aside, with the reason.
    """
    operation, gives_reasons = operation_of(subscriber.handle), Grant.PUT_ASIDE in subscriber.grants

    def once(record: Mapping[str, Any]) -> None:
        started = time.perf_counter()
        facts: dict[str, object] = {"correlation_id": record["messageId"]}
        try:
            outcome = work(record["body"], facts)
        except Exception as error:
            last = gives_reasons and tried(record) >= subscriber.attempts
            log_line(operation, started, unexpected=True, facts=facts | {"outcome": "put aside" if last else "failed"})
            if not last:
                raise
            dead_letters.put_aside(record["body"], **reason_of(error))
        else:
            log_line(operation, started, unexpected=False, facts=facts | {"outcome": outcome})

    return worked_off(event, context, once)


def worked_off(event: Mapping[str, Any], context: Any, once: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
    """Have `once` done with each message of a batch; names those that go back into the queue, as it raised."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(dict(event), once, processor, context)


def tried(record: Mapping[str, Any]) -> int:
    """How often a message was delivered, this time included."""
    return int(record["attributes"].get("ApproximateReceiveCount", 1))


def reason_of(error: Exception) -> dict[str, str]:
    """What is written beside a message that is put aside. What nobody foresaw may have secrets in it."""
    if not isinstance(error, DomainError):
        return {"code": "INTERNAL_ERROR", "reason": f"{type(error).__name__}; the log has its trace."}
    mistakes = "; ".join(f"{one.pointer}: {one.message}" for one in error.errors)
    return {"code": error.code, "reason": mistakes or error.detail}


def consume(subscriber: "Subscriber", event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Work off a batch of the queue. An event that was worked off before is left alone, by its id."""
    operation = operation_of(subscriber.handle)

    def work(body: str, facts: dict[str, object]) -> str:
        arrived = _Delivered.model_validate_json(body).detail
        facts |= {"event_id": arrived.id, "event_type": arrived.type, "tenant_id": arrived.tenant_id}
        return once(subscriber.handle, arrived, request_for_event(operation, arrived, ends_of(context)))

    return each_message(subscriber, event, context, work)


def once(
    handle: Callable[..., None],
    event: object,
    request: Request,
    *,
    lost: tuple[type[DomainError], ...] = LOST_RACES,
) -> str:
    """Let a consumer handle an event unless it has done so before; after a lost race again on the newest state."""
    if request.store.stored_response() is not None:
        return "repeated"
    try:
        retry_on_conflict(request.store, lambda store: handle(event, request._replace(store=store)), lost=lost)
    except Repeated:
        return "repeated"
    return "done"


def ends_of(context: Any) -> float:
    """When an invocation has to be done, by the monotonic clock: some seconds before Lambda stops it."""
    if context is None:
        return math.inf
    left: int = context.get_remaining_time_in_millis()
    return time.monotonic() + left / 1000 - _RESERVE_SECONDS


def request_for_event(operation: str, arrived: BusEvent, ends: float) -> Request:
    """The work that an event asks for, done by the service itself; what it commits, it commits once."""
    once = kept_answers.identity(arrived.id, caller=(arrived.tenant_id, "events"), operation=operation, asked=[])
    return request_for(
        operation,
        Caller.system(arrived.tenant_id),
        now_for(arrived.tenant_id),
        idempotency=once,
        render=lambda _: StoredResponse(204, {}, ""),
        ends=ends,
    )


class _RequestedPart(BaseModel):
    detail: HourPart


def consume_parts(subscriber: "HourPartSubscriber", event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Publish the hour to each part of the batch. A part of an hour that is over is dropped."""

    def work(body: str, facts: dict[str, object]) -> str:
        part = read(_RequestedPart, body).detail
        facts |= {"occurred_at": part.occurred_at, "after": part.after, "tenants": len(part.tenants)}
        if part.is_over(clock.now()):
            return "over"
        subscriber.handle(part)
        return "done"

    return each_message(subscriber, event, context, work)


class _Struck(BaseModel):
    """That an hour began for a tenant, or that its clock was set."""

    tenant_id: str


class _Hour(BaseModel):
    detail: _Struck


def consume_hours(subscriber: "HourlySubscriber", event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Do for each tenant of the batch what is done for it each hour."""
    operation = operation_of(subscriber.handle)

    def work(body: str, facts: dict[str, object]) -> str:
        tenant_id = _Hour.model_validate_json(body).detail.tenant_id
        facts |= {"tenant_id": tenant_id}
        now = now_for(tenant_id)
        tenant = tenant_of(request_for(operation, Caller.system(tenant_id), now).store)
        caller = Caller.system(tenant_id, tenant.time_zone)
        request = request_for(operation, caller, now, ends=ends_of(context))
        request.store.session.time_zone = tenant.time_zone
        subscriber.handle(tenant, request)
        return "done"

    return each_message(subscriber, event, context, work)
