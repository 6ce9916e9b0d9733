"""GET /webhook-endpoints/{endpoint_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.errors import EndpointNotFound
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.workflow import with_pending


@endpoint(
    "GET",
    "/webhook-endpoints/{endpoint_id}",
    scope="webhook:read",
    grants=[Grant.READ],
    raises=[EndpointNotFound],
)
def handler(endpoint_id: WebhookEndpointId, request: Request) -> WebhookEndpoint:
    """Retrieve a webhook endpoint without its secrets."""
    return with_pending(request.store, request.store.get(WebhookEndpoint, endpoint_id))
