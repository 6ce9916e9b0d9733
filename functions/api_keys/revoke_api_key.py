"""DELETE /api-keys/{key_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import KeyId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import KeyNotFound
from invoicing.users.events import ApiKeyRevoked
from invoicing.users.model import ApiKey


@endpoint(
    "DELETE",
    "/api-keys/{key_id}",
    scope="api_key:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[KeyNotFound],
)
def handler(key_id: KeyId, request: Request) -> None:
    """Revoke an API key.

    API Gateway caches the authorizer's response: the key may keep working for up to five minutes.
    """
    key = request.store.get(ApiKey, key_id)
    if key.revoked_at is None:
        request.store.commit(Recorded(key.revoked(moment=request.moment), ApiKeyRevoked()))
