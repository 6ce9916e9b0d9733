"""GET /api-keys"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.model import ApiKey
from invoicing.users.requests import ApiKeyQuery
from invoicing.users.table import all_keys, conditions_of


@endpoint("GET", "/api-keys", scope="api_key:read", grants=[Grant.READ])
def handler(query: ApiKeyQuery, request: Request) -> Page[ApiKey]:
    """List API keys without their secrets, newest first.

    Revoked keys are listed too.
    """
    return request.page(ApiKey, query, [all_keys(request.caller.tenant_id)], conditions_of(query))
