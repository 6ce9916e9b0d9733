"""POST /users"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import CustomerMismatch, CustomerNotFound, DuplicateEmail
from invoicing.domain.user import User, UserCreated, UserData


@endpoint(
    "POST",
    "/users",
    scope="user:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerMismatch, DuplicateEmail],
)
def handler(body: UserData, request: Request) -> User:
    """Create a user.

    The role determines the scopes. A portal user belongs to one customer.
    """
    user = User.new(request.new_id("usr"), body, by=request.caller, at=request.now)
    if body.customer_id is not None:
        request.store.customer(body.customer_id).require_known()
    return request.store.commit(user, UserCreated())
