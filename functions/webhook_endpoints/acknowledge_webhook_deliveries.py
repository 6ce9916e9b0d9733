"""POST /webhook-endpoints/{endpoint_id}/acknowledge"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.errors import DeliveryNotFound, EndpointNotFound, WrongEndpointKind
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.requests import AcknowledgedDeliveries, AcknowledgeDeliveries
from invoicing.webhooks.workflow import acknowledge


@endpoint(
    "POST",
    "/webhook-endpoints/{endpoint_id}/acknowledge",
    scope="webhook:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[EndpointNotFound, DeliveryNotFound, WrongEndpointKind],
)
def handler(endpoint_id: WebhookEndpointId, body: AcknowledgeDeliveries, request: Request) -> AcknowledgedDeliveries:
    """Record that deliveries were processed.

    Only endpoints that are polled (`pull`) need it: their deliveries are pending until then, or for 30 days.
    """
    if request.store.get(WebhookEndpoint, endpoint_id).kind != "pull":
        raise WrongEndpointKind
    done = acknowledge(request.store, endpoint_id, body.delivery_ids)
    return request.store.answer(AcknowledgedDeliveries(count=done))
