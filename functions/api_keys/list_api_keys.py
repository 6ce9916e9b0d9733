"""GET /api-keys"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.store import keys
from invoicing.store.listing import Stretch
from invoicing.users.model import ApiKey
from invoicing.users.requests import ApiKeyQuery


@endpoint("GET", "/api-keys", scope="api_key:read", grants=[Grant.READ])
def handler(query: ApiKeyQuery, request: Request) -> Page[ApiKey]:
    """List API keys without their secrets, newest first.

    Revoked keys are listed too.
    """
    every = keys.of_tenant(request.caller.tenant_id, "KEY")
    return request.page(ApiKey, query, [Stretch(every)], query.conditions())
