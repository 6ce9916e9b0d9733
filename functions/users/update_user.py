"""PATCH /users/{user_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.errors import (
    CustomerErased,
    CustomerMismatch,
    CustomerNotFound,
    DuplicateEmail,
    OwnRights,
    UserNotFound,
)
from invoicing.domain.ids import UserId
from invoicing.domain.user import User, UserData, UserUpdated


@endpoint(
    "PATCH",
    "/users/{user_id}",
    scope="user:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[UserNotFound, CustomerErased, CustomerNotFound, CustomerMismatch, DuplicateEmail, OwnRights],
)
def handler(user_id: UserId, body: Patch[UserData], request: Request) -> User:
    """Update a user.

    API keys follow the role; they stop working when the user is deactivated.
    """
    user = request.store.user(user_id)
    changed = user.changed(body.applied_to(user.data), by=request.caller, at=request.now)
    if changed.customer_id is not None:
        request.store.customer(changed.customer_id).require_known()
    return request.store.commit(changed, UserUpdated())
