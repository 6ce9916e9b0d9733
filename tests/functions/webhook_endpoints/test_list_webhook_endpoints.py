"""GET /webhook-endpoints"""

from tests.functions.webhook_endpoints.test_create_webhook_endpoint import BODY
from tests.gateway import Client


def test_endpoints_are_listed_newest_first_without_secrets(api: Client, stranger: Client) -> None:
    made = [api.post("/webhook-endpoints", BODY).ok(201)["id"] for _ in range(2)]
    listed = api.get("/webhook-endpoints").ok()["data"]
    assert [one["id"] for one in listed] == sorted(made, reverse=True)
    assert not {"secret", "sealed", "slot"} & listed[0].keys()
    assert stranger.get("/webhook-endpoints").ok()["data"] == []
