"""POST /users"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import CustomerMismatch, DuplicateEmail
from invoicing.users.events import UserCreated
from invoicing.users.model import User, UserData


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
    user = User.new(request.new_id("usr"), body, moment=request.moment)
    if body.customer_id is not None:
        request.store.get(Customer, body.customer_id).require_known()
    return request.store.commit(Recorded(user, UserCreated()))
