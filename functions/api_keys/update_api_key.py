"""PATCH /api-keys/{key_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.errors import DateNotAllowed, KeyNotFound, ScopeExceedsRole, UserNotFound
from invoicing.domain.ids import KeyId
from invoicing.domain.user import ApiKey, ApiKeyData, ApiKeyUpdated


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
    key = request.store.api_key(key_id)
    owner = request.store.user(key.user_id)
    changed = key.changed(body.applied_to(key.data), owner, by=request.caller, at=request.now)
    return request.store.commit(changed, ApiKeyUpdated())
