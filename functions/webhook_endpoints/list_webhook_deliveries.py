"""GET /webhook-endpoints/{endpoint_id}/deliveries"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import WebhookEndpointId
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.delivery import WebhookDelivery
from invoicing.webhooks.errors import EndpointNotFound
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.requests import DeliveryQuery
from invoicing.webhooks.table import conditions_of, deliveries_of


@endpoint(
    "GET",
    "/webhook-endpoints/{endpoint_id}/deliveries",
    scope="webhook:read",
    grants=[Grant.READ],
    raises=[EndpointNotFound],
)
def handler(endpoint_id: WebhookEndpointId, query: DeliveryQuery, request: Request) -> Page[WebhookDelivery]:
    """List the deliveries of a webhook endpoint, newest first.

    Deliveries are kept for 30 days. Receivers that poll list the `pending` ones with `order=asc`, process each `body`,
    and acknowledge them.
    """
    request.store.get(WebhookEndpoint, endpoint_id)
    ranges = [deliveries_of(request.caller.tenant_id, query, endpoint_id)]
    return request.page(WebhookDelivery, query, ranges, conditions_of(query), about=endpoint_id)
