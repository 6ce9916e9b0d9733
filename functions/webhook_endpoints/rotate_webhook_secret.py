"""POST /webhook-endpoints/{endpoint_id}/rotate-secret"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.errors import EndpointNotFound, SecretsRotating
from invoicing.webhooks.events import WebhookSecretRotated
from invoicing.webhooks.model import NewWebhookEndpoint, WebhookEndpoint
from invoicing.webhooks.requests import RotateSecret
from invoicing.webhooks.workflow import new_secret


@endpoint(
    "POST",
    "/webhook-endpoints/{endpoint_id}/rotate-secret",
    scope="webhook:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.SEAL_SECRETS],
    raises=[EndpointNotFound, SecretsRotating],
)
def handler(endpoint_id: WebhookEndpointId, body: RotateSecret, request: Request) -> NewWebhookEndpoint:
    """Create a new secret for a webhook endpoint.

    The former secret signs too until the end of the grace period, so that the receiver can be changed meanwhile. The
    response contains the new secret; it cannot be retrieved later.
    """
    found = request.store.get(WebhookEndpoint, endpoint_id)
    found.require_rotatable(request.now)
    signing = new_secret(request.store, request.new_id("whs"), found.id)
    rotated = NewWebhookEndpoint.rotated(found, signing, grace=body.period, moment=request.moment)
    return request.store.commit(Recorded(rotated, WebhookSecretRotated(secret_id=signing.id)))
