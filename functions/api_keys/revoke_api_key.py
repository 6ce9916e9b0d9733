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
    """Revoke a key. It works on for as long as the gateway keeps the authorizer's answer, five minutes at most."""
    key = request.store.api_key(key_id)
    if key.revoked_at is None:
        request.store.commit(key.revoked(by=request.caller, at=request.now), ApiKeyRevoked())
