"""DELETE /users/{user_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import UserId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import OwnRights, UserNotFound
from invoicing.users.events import UserDeleted
from invoicing.users.model import User


@endpoint(
    "DELETE",
    "/users/{user_id}",
    scope="user:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[UserNotFound, OwnRights],
)
def handler(user_id: UserId, request: Request) -> None:
    """Delete a user and revoke their API keys.

    Entries that the user wrote keep the name.
    """
    user = request.store.get(User, user_id)
    user.require_removable(request.caller)
    request.store.delete(Recorded(user, UserDeleted()))
