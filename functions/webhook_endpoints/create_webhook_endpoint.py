"""POST /webhook-endpoints"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.errors import TooManyEndpoints, UrlNotAllowed
from invoicing.webhooks.events import WebhookEndpointCreated
from invoicing.webhooks.model import NewWebhookEndpoint, WebhookEndpoint, WebhookEndpointData, free_slot
from invoicing.webhooks.workflow import new_secret, require_reachable


@endpoint(
    "POST",
    "/webhook-endpoints",
    scope="webhook:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.SEAL_SECRETS, Grant.JUDGE_URLS],
    raises=[UrlNotAllowed, TooManyEndpoints],
)
def handler(body: WebhookEndpointData, request: Request) -> NewWebhookEndpoint:
    """Create a webhook endpoint.

    The response contains the secret that signs the deliveries (Standard Webhooks); it cannot be retrieved later. A
    tenant can have 20 endpoints.
    """
    require_reachable(body)
    slot = free_slot(one.slot for one in request.store.all(WebhookEndpoint))
    id_ = request.new_id("whe")
    signing = new_secret(request.store, request.new_id("whs"), id_)
    made = NewWebhookEndpoint.new(id_, body, slot=slot, signing=signing, moment=request.moment)
    return request.store.commit(Recorded(made, WebhookEndpointCreated()))
