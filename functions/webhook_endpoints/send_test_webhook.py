"""POST /webhook-endpoints/{endpoint_id}/test"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.delivering import attempt
from invoicing.webhooks.delivery import WebhookAttempt
from invoicing.webhooks.errors import EndpointNotFound, WrongEndpointKind
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.workflow import ping


@endpoint(
    "POST",
    "/webhook-endpoints/{endpoint_id}/test",
    scope="webhook:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.OPEN_SECRETS, Grant.JUDGE_URLS],
    raises=[EndpointNotFound, WrongEndpointKind],
)
def handler(endpoint_id: WebhookEndpointId, request: Request) -> WebhookAttempt:
    """Send a test event to a webhook endpoint.

    The event `webhook.ping` is sent at once, also to an endpoint that is disabled. The response has the outcome.
    """
    found = request.store.get(WebhookEndpoint, endpoint_id)
    if found.kind != "push":
        raise WrongEndpointKind
    request.store.require_new()
    event_id = request.new_id("evt")
    return request.store.answer(attempt(request.store, found, event_id, ping(event_id, found)).attempt)
