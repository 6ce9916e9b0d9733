"""GET /api-keys/{key_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import KeyId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import KeyNotFound
from invoicing.users.model import ApiKey


@endpoint("GET", "/api-keys/{key_id}", scope="api_key:read", grants=[Grant.READ], raises=[KeyNotFound])
def handler(key_id: KeyId, request: Request) -> ApiKey:
    """Retrieve an API key without its secret.

    `last_used_at` is exact to the hour.
    """
    return request.store.get(ApiKey, key_id)
