"""GET /users"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.store import keys
from invoicing.store.listing import Stretch
from invoicing.users.model import User
from invoicing.users.requests import UserQuery


@endpoint("GET", "/users", scope="user:read", grants=[Grant.READ])
def handler(query: UserQuery, request: Request) -> Page[User]:
    """List users, newest first."""
    everybody = keys.of_tenant(request.caller.tenant_id, "USER")
    return request.page(User, query, [Stretch(everybody)], query.conditions())
