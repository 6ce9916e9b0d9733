"""DELETE /webhook-endpoints/{endpoint_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.errors import EndpointNotFound
from invoicing.webhooks.events import WebhookEndpointDeleted
from invoicing.webhooks.model import WebhookEndpoint


@endpoint(
    "DELETE",
    "/webhook-endpoints/{endpoint_id}",
    scope="webhook:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[EndpointNotFound],
)
def handler(endpoint_id: WebhookEndpointId, request: Request) -> None:
    """Delete a webhook endpoint with its secrets.

    Deliveries that wait are not sent.
    """
    request.store.delete(Recorded(request.store.get(WebhookEndpoint, endpoint_id), WebhookEndpointDeleted()))
