"""What the kit does once for every function that a service of AWS tells something.

These events come on the account's default bus, at least once and in any order, under an id that stays.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from pydantic import BaseModel

from invoicing.adapters.dynamodb import kept_answers
from invoicing.adapters.dynamodb.kept_answers import KeptAnswer
from invoicing.adapters.dynamodb.store import Repeated
from invoicing.api.request import Request, now_for, request_for
from invoicing.domain.identity import Caller
from invoicing.observability import log_line

if TYPE_CHECKING:
    from invoicing.api.subscriber import AwsSubscriber


class _Envelope(BaseModel):
    id: str
    detail: dict[str, Any]


def consume_notices(subscriber: "AwsSubscriber", event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Work off a batch of the queue. A notice that was worked off before is left alone, by its id."""
    operation = subscriber.handle.__module__.rpartition(".")[2]

    def once(record: Mapping[str, Any]) -> None:
        started = time.perf_counter()
        arrived = _Envelope.model_validate_json(record["body"])
        told: Any = subscriber.detail.model_validate(arrived.detail)
        facts = {"event_id": arrived.id, "tenant_id": told.tenant_id}
        try:
            outcome = _worked_off(subscriber, told, _request(operation, arrived, told.tenant_id))
        except Exception:
            log_line(operation, started, unexpected=True, facts=facts | {"outcome": "failed"})
            raise
        log_line(operation, started, unexpected=False, facts=facts | {"outcome": outcome})

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(dict(event), once, processor, context)


def _worked_off(subscriber: "AwsSubscriber", told: BaseModel, request: Request) -> str:
    if request.store.kept_answer() is not None:
        return "repeated"
    try:
        subscriber.handle(told, request)
    except Repeated:
        return "repeated"
    return "done"


def _request(operation: str, arrived: _Envelope, tenant_id: str) -> Request:
    once = kept_answers.identity(arrived.id, caller=(tenant_id, "aws"), operation=operation, asked=[])
    return request_for(
        operation,
        Caller.system(tenant_id),
        now_for(tenant_id),
        idempotency=once,
        render=lambda _: KeptAnswer(204, {}, ""),
    )
