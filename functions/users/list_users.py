"""GET /users"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import Stretch
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.users import UserQuery
from invoicing.domain.pages import Page
from invoicing.domain.user import User


@endpoint("GET", "/users", scope="user:read", grants=[Grant.READ])
def handler(query: UserQuery, request: Request) -> Page[User]:
    """List users, newest first."""
    everybody = keys.of_tenant(request.caller.tenant_id, "USER")
    return request.page(User, query, [Stretch(everybody)], query.conditions())
