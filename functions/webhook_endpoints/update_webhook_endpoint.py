"""PATCH /webhook-endpoints/{endpoint_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import WebhookEndpointId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.webhooks.errors import EndpointNotFound, UrlNotAllowed
from invoicing.webhooks.events import WebhookActivated, WebhookEndpointUpdated
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.requests import UpdateWebhookEndpoint
from invoicing.webhooks.workflow import require_reachable


@endpoint(
    "PATCH",
    "/webhook-endpoints/{endpoint_id}",
    scope="webhook:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.JUDGE_URLS],
    raises=[EndpointNotFound, UrlNotAllowed],
)
def handler(endpoint_id: WebhookEndpointId, body: Patch[UpdateWebhookEndpoint], request: Request) -> WebhookEndpoint:
    """Update a webhook endpoint.

    Deliveries that wait are sent to the new URL. With `status` an endpoint is disabled, or activated again: then the
    deliveries of the last 30 days that waited for it follow.
    """
    found = request.store.get(WebhookEndpoint, endpoint_id)
    data = body.applied_to(UpdateWebhookEndpoint.of(found))
    require_reachable(data)
    changed, events = found.changed(data, moment=request.moment), [WebhookEndpointUpdated()]
    if "status" not in body.root or data.status == found.status:
        return request.store.commit(Recorded(changed, *events))
    activated = [WebhookActivated()] if data.status == "active" else []
    return request.store.commit(Recorded(changed.switched(data.status, moment=request.moment), *events, *activated))
