"""GET /users/{user_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import UserId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import UserNotFound
from invoicing.users.model import User


@endpoint("GET", "/users/{user_id}", scope="user:read", grants=[Grant.READ], raises=[UserNotFound])
def handler(user_id: UserId, request: Request) -> User:
    """Retrieve a user."""
    return request.store.get(User, user_id)
