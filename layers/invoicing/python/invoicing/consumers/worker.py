"""How the messages of a queue are processed: each one separately, with one log line.

A failed message goes back into the queue. A consumer that may write to its dead-letter queue sends a message there with
the reason, as soon as a retry cannot succeed or no attempt is left.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from invoicing.aws.dead_letters import send_to_dlq
from invoicing.consumers.source import EventId, EventSource, Facts, Task
from invoicing.core.errors import DomainError
from invoicing.core.identity import Caller
from invoicing.http.request import Request, now_for
from invoicing.observability import log_line
from invoicing.store import idempotency
from invoicing.store.idempotency import Idempotency, StoredResponse
from invoicing.store.retry import retry_on_conflict
from invoicing.store.session import Session
from invoicing.store.store import Repeated, Store

_RESERVE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Processes the messages of one consumer. `attempts` counts the deliveries of a message."""

    operation: str
    source: EventSource
    handle: Callable[..., None]
    attempts: int
    sends_to_dlq: bool

    def process(self, event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
        """Process a batch of the queue. Returns the ids of the messages that go back into the queue."""
        ends = _end_of(context)
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(
            dict(event), lambda record: self._process_message(record, ends), processor, context
        )

    def _process_message(self, record: Mapping[str, Any], ends: float) -> None:
        started = time.perf_counter()
        facts: Facts = {"correlation_id": record["messageId"]}
        try:
            facts["outcome"] = self._outcome(record, facts, ends)
        except Exception as error:
            final = self.sends_to_dlq and (self.source.is_final(error) or _deliveries(record) >= self.attempts)
            unexpected = not (self.source.expects_refusals and isinstance(error, DomainError))
            facts |= {"outcome": "sent to dlq" if final else "failed", "code": _code_of(error)}
            log_line(self.operation, started, unexpected=unexpected, facts=facts)
            if not final:
                raise
            send_to_dlq(record["body"], **reason_of(error))
        else:
            log_line(self.operation, started, unexpected=False, facts=facts)

    def _outcome(self, record: Mapping[str, Any], facts: Facts, ends: float) -> str:
        task = self.source.read(record["body"], facts)
        if task is None:
            return "over"
        if task.tenant_id is None:
            self.handle(task.detail)
            return "done"
        request = self._request(task, task.tenant_id, ends)._replace(delivery=_deliveries(record))
        if task.event_id is None:
            self.handle(task.detail, request)
            return "done"
        return self._once(task, request)

    def _once(self, task: Task, request: Request) -> str:
        """Handle an event unless it was handled before; after a lost race again with the newest state."""
        if request.store.stored_response() is not None:
            return "repeated"
        try:
            retry_on_conflict(
                request.store,
                lambda store: self.handle(task.detail, request._replace(store=store)),
                lost=self.source.lost_races,
            )
        except Repeated:
            return "repeated"
        return "done"

    def _request(self, task: Task, tenant_id: str, ends: float) -> Request:
        caller = Caller.system(tenant_id, task.time_zone) if task.time_zone else Caller.system(tenant_id)
        session = Session(caller, now_for(tenant_id), ends=ends, time_zone=task.time_zone)
        repetition = task.event_id and self._identity(task.event_id, tenant_id)
        return Request(self.operation, Store(session, repetition, lambda _: StoredResponse(204, {}, "")))

    def _identity(self, event_id: EventId, tenant_id: str) -> Idempotency:
        return idempotency.identity(
            event_id.id, caller=(tenant_id, event_id.sender), operation=self.operation, asked=[]
        )


def _end_of(context: Any) -> float:
    """When an invocation has to end, by the monotonic clock: some seconds before Lambda stops it."""
    if context is None:
        return math.inf
    left: int = context.get_remaining_time_in_millis()
    return time.monotonic() + left / 1000 - _RESERVE_SECONDS


def _deliveries(record: Mapping[str, Any]) -> int:
    """How often a message was delivered, this delivery included."""
    return int(record["attributes"].get("ApproximateReceiveCount", 1))


def _code_of(error: Exception) -> str:
    return error.code if isinstance(error, DomainError) else type(error).__name__


def reason_of(error: Exception) -> dict[str, str]:
    """The attributes of a message in the dead-letter queue. The text of an unexpected error may hold secrets."""
    if not isinstance(error, DomainError):
        return {"code": "INTERNAL_ERROR", "reason": f"{type(error).__name__}; the log has its trace."}
    violations = "; ".join(f"{one.pointer}: {one.message}" for one in error.errors)
    return {"code": error.code, "reason": violations or error.detail}
