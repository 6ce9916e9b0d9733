"""PATCH /webhook-endpoints/{endpoint_id}"""

from tests.functions.webhook_endpoints.test_create_webhook_endpoint import BODY
from tests.gateway import Client


def test_an_update_keeps_secrets_and_kind(api: Client) -> None:
    made = api.post("/webhook-endpoints", BODY).ok(201)
    path = f"/webhook-endpoints/{made['id']}"
    changed = api.patch(path, {"url": "https://example.org/in", "events": ["*"], "parallel": 1}).ok()
    assert (changed["url"], changed["events"], changed["parallel"]) == ("https://example.org/in", ["*"], 1)
    assert (changed["secrets"], changed["kind"], changed["version"]) == (made["secrets"], "push", 2)
    assert api.patch(path, {"url": None}).json["errors"][0]["pointer"] == "/url"
    assert api.patch(path, {"kind": "pull"}).status == 400
    assert api.patch(path, {"url": "https://10.0.0.1/"}).code == "URL_NOT_ALLOWED"
