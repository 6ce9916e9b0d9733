"""GET /users/{user_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import UserNotFound
from invoicing.domain.ids import UserId
from invoicing.domain.user import User


@endpoint("GET", "/users/{user_id}", scope="user:read", grants=[Grant.READ], raises=[UserNotFound])
def handler(user_id: UserId, request: Request) -> User:
    """Retrieve a user."""
    return request.store.user(user_id)
