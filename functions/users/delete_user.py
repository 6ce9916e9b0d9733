"""DELETE /users/{user_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import OwnRights, UserNotFound
from invoicing.domain.ids import UserId
from invoicing.domain.user import UserDeleted


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
    user = request.store.user(user_id)
    user.require_removable(request.caller)
    request.store.delete(user, UserDeleted())
