"""GET /users"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.model import User
from invoicing.users.requests import UserQuery
from invoicing.users.table import all_users, conditions_of


@endpoint("GET", "/users", scope="user:read", grants=[Grant.READ])
def handler(query: UserQuery, request: Request) -> Page[User]:
    """List users, newest first."""
    return request.page(User, query, [all_users(request.caller.tenant_id)], conditions_of(query))
