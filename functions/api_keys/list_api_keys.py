"""GET /api-keys"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import Stretch
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.users import ApiKeyQuery
from invoicing.domain.pages import Page
from invoicing.domain.user import ApiKey


@endpoint("GET", "/api-keys", scope="api_key:read", grants=[Grant.READ])
def handler(query: ApiKeyQuery, request: Request) -> Page[ApiKey]:
    """List API keys without their secrets, newest first.

    Revoked keys are listed too.
    """
    every = keys.of_tenant(request.caller.tenant_id, "KEY")
    return request.page(ApiKey, query, [Stretch(every)], query.conditions())
