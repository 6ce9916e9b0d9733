"""POST /webhook-endpoints/{endpoint_id}/replay"""

from functools import partial
from itertools import islice

from invoicing.aws.grants import Grant
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.store.retry import retry_on_conflict
from invoicing.webhooks.errors import DeliveryNotFound, EndpointNotFound
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.requests import MOST_REPLAYED, ReplayDeliveries, ReplayedDeliveries
from invoicing.webhooks.table import matching_ids
from invoicing.webhooks.workflow import replay


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

    Either those in `delivery_ids`, or up to 500 that match the filters, oldest first. Each gets all attempts again.
    """
    store = request.store
    store.require_new()
    endpoint = store.get(WebhookEndpoint, endpoint_id)
    ids = iter(body.delivery_ids or matching_ids(store, body.query, endpoint_id))
    some = list(islice(ids, MOST_REPLAYED))
    for id_ in some:
        retry_on_conflict(store, partial(replay, endpoint=endpoint, delivery_id=id_))
    has_more = next(ids, None) is not None
    return store.answer(ReplayedDeliveries(count=len(some), has_more=has_more))
