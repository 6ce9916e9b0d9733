"""GET /webhook-endpoints"""

from invoicing.aws.grants import Grant
from invoicing.core.page import ListQuery, Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.table import endpoints_of
from invoicing.webhooks.workflow import with_pending


@endpoint("GET", "/webhook-endpoints", scope="webhook:read", grants=[Grant.READ])
def handler(query: ListQuery, request: Request) -> Page[WebhookEndpoint]:
    """List webhook endpoints without their secrets, newest first."""
    page = request.page(WebhookEndpoint, query, [endpoints_of(request.caller.tenant_id)])
    return page.model_copy(update={"data": tuple(with_pending(request.store, one) for one in page.data)})
