"""GET /api-keys/{key_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import KeyNotFound
from invoicing.domain.ids import KeyId
from invoicing.domain.user import ApiKey


@endpoint("GET", "/api-keys/{key_id}", scope="api_key:read", grants=[Grant.READ], raises=[KeyNotFound])
def handler(key_id: KeyId, request: Request) -> ApiKey:
    """Retrieve an API key without its secret.

    `last_used_at` is exact to the hour.
    """
    return request.store.api_key(key_id)
