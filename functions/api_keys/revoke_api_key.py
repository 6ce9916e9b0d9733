"""DELETE /api-keys/{key_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import KeyNotFound
from invoicing.domain.ids import KeyId
from invoicing.domain.user import ApiKeyRevoked


@endpoint(
    "DELETE",
    "/api-keys/{key_id}",
    scope="api_key:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[KeyNotFound],
)
def handler(key_id: KeyId, request: Request) -> None:
    """Revoke an API key.

    API Gateway caches the authorizer's answer: the key may keep working for up to five minutes.
    """
    key = request.store.api_key(key_id)
    if key.revoked_at is None:
        request.store.commit(key.revoked(by=request.caller, at=request.now), ApiKeyRevoked())
