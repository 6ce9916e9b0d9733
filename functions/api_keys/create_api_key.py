"""POST /api-keys"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DateNotAllowed
from invoicing.core.event import Recorded
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import ScopeExceedsRole, UserNotFound
from invoicing.users.events import ApiKeyCreated
from invoicing.users.model import NewApiKey, User, new_secret
from invoicing.users.requests import CreateApiKey


@endpoint(
    "POST",
    "/api-keys",
    scope="api_key:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_SECRETS],
    raises=[UserNotFound, ScopeExceedsRole, DateNotAllowed],
)
def handler(body: CreateApiKey, request: Request) -> NewApiKey:
    """Create an API key for a user.

    The response contains the secret; it cannot be retrieved later. To rotate a key, create the new one before you
    revoke the old one.
    """
    owner = request.store.get(User, body.user_id or request.caller.user_id)
    secret = new_secret(request.stage)
    key = NewApiKey.new(request.new_id("key"), body.data, secret, owner=owner, moment=request.moment)
    return request.store.commit(Recorded(key, ApiKeyCreated()))
