"""PATCH /api-keys/{key_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DateNotAllowed
from invoicing.core.event import Recorded
from invoicing.core.ids import KeyId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.users.errors import KeyNotFound, ScopeExceedsRole, UserNotFound
from invoicing.users.events import ApiKeyUpdated
from invoicing.users.model import ApiKey, ApiKeyData, User


@endpoint(
    "PATCH",
    "/api-keys/{key_id}",
    scope="api_key:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[KeyNotFound, UserNotFound, ScopeExceedsRole, DateNotAllowed],
)
def handler(key_id: KeyId, body: Patch[ApiKeyData], request: Request) -> ApiKey:
    """Update the name, scopes or expiry of an API key.

    The scopes cannot exceed those of the user's role.
    """
    key = request.store.get(ApiKey, key_id)
    owner = request.store.get(User, key.user_id)
    changed = key.changed(body.applied_to(key.data), owner, moment=request.moment)
    return request.store.commit(Recorded(changed, ApiKeyUpdated()))
