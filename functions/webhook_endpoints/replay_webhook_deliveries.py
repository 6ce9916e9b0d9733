"""POST /webhook-endpoints/{endpoint_id}/replay"""

from functools import partial

from invoicing.aws.grants import Grant
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.store.retry import retry_on_conflict
from invoicing.webhooks.errors import DeliveryNotFound, EndpointNotFound
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.requests import ReplayDeliveries, ReplayedDeliveries
from invoicing.webhooks.table import selected
from invoicing.webhooks.workflow import replay, selection_of


@endpoint(
    "POST",
    "/webhook-endpoints/{endpoint_id}/replay",
    scope="webhook:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT, Grant.QUEUE_WEBHOOKS],
    raises=[EndpointNotFound, DeliveryNotFound],
)
def handler(endpoint_id: WebhookEndpointId, body: ReplayDeliveries, request: Request) -> ReplayedDeliveries:
    """Send deliveries again, with the same ids and bytes.

    Either those in `delivery_ids`, or up to 500 that match the filters, oldest first. Each gets all attempts again. A
    request that is repeated with its Idempotency-Key sends the same deliveries, and none of them twice.
    """
    store = request.store
    store.require_new()
    endpoint = store.get(WebhookEndpoint, endpoint_id)
    found = selected(store, endpoint_id, lambda: selection_of(store, endpoint_id, body))
    for id_ in found.delivery_ids:
        retry_on_conflict(store, partial(replay, endpoint=endpoint, delivery_id=id_))
    return store.answer(ReplayedDeliveries(count=len(found.delivery_ids), has_more=found.has_more))
