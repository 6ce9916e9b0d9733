"""DELETE /webhook-endpoints/{endpoint_id}"""

from tests.events import details
from tests.functions.webhook_endpoints.test_create_webhook_endpoint import BODY
from tests.gateway import Client


def test_a_deleted_endpoint_is_gone(api: Client) -> None:
    path = f"/webhook-endpoints/{api.post('/webhook-endpoints', BODY).ok(201)['id']}"
    api.delete(path).ok(204)
    assert api.get(path).code == "ENDPOINT_NOT_FOUND"
    assert len(details("webhook_endpoint.deleted")) == 1
