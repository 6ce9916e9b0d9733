"""What the kit does once for every function that a service of AWS tells something.

These events come on the account's default bus, at least once and in any order, under an id that stays.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from invoicing.consumers.consume import each_message, ends_of, once
from invoicing.core.identity import Caller
from invoicing.http.declaration import operation_of
from invoicing.http.request import Request, now_for, request_for
from invoicing.store import idempotency as kept_answers
from invoicing.store.idempotency import StoredResponse

if TYPE_CHECKING:
    from invoicing.consumers.subscriber import AwsSubscriber, InternalSubscriber


class _Envelope(BaseModel):
    id: str
    detail: dict[str, Any]


def consume_notices(
    subscriber: "AwsSubscriber | InternalSubscriber", event: Mapping[str, Any], context: Any
) -> Mapping[str, Any]:
    """Work off a batch of the queue. A notice that was worked off before is left alone, by its id."""
    operation = operation_of(subscriber.handle)

    def work(body: str, facts: dict[str, object]) -> str:
        arrived = _Envelope.model_validate_json(body)
        told: Any = subscriber.detail.model_validate(arrived.detail)
        facts |= {"event_id": arrived.id, "tenant_id": told.tenant_id}
        return once(subscriber.handle, told, _request(operation, arrived, told.tenant_id, ends_of(context)))

    return each_message(subscriber, event, context, work)


def _request(operation: str, arrived: _Envelope, tenant_id: str, ends: float) -> Request:
    once = kept_answers.identity(arrived.id, caller=(tenant_id, "aws"), operation=operation, asked=[])
    return request_for(
        operation,
        Caller.system(tenant_id),
        now_for(tenant_id),
        idempotency=once,
        render=lambda _: StoredResponse(204, {}, ""),
        ends=ends,
    )
