"""PATCH /users/{user_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import UserId
from invoicing.customers.errors import CustomerIsErased, CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.users.errors import CustomerMismatch, DuplicateEmail, OwnRights, UserNotFound
from invoicing.users.events import UserUpdated
from invoicing.users.model import User, UserData


@endpoint(
    "PATCH",
    "/users/{user_id}",
    scope="user:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[UserNotFound, CustomerIsErased, CustomerNotFound, CustomerMismatch, DuplicateEmail, OwnRights],
)
def handler(user_id: UserId, body: Patch[UserData], request: Request) -> User:
    """Update a user.

    API keys follow the role; they stop working when the user is deactivated.
    """
    user = request.store.get(User, user_id)
    changed = user.changed(body.applied_to(user.data), moment=request.moment)
    if changed.customer_id is not None:
        request.store.get(Customer, changed.customer_id).require_known()
    return request.store.commit(Recorded(changed, UserUpdated()))
