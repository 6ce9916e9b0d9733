"""POST /webhook-endpoints/{endpoint_id}/rotate-secret"""

from datetime import timedelta

from tests.conftest import Clock
from tests.functions.webhook_endpoints.test_create_webhook_endpoint import BODY
from tests.gateway import Client


def test_two_secrets_are_valid_until_the_older_expires(api: Client, at: Clock) -> None:
    made = api.post("/webhook-endpoints", BODY).ok(201)
    path = f"/webhook-endpoints/{made['id']}/rotate-secret"
    rotated = api.post(path, {"grace": 3_600}).ok()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    newest, older = rotated["secrets"]
    assert (newest["expires_at"], older["id"]) == (None, made["secrets"][0]["id"])
    assert older["expires_at"] == "2026-03-10T13:00:00.000Z"
    assert api.post(path, {}).code == "SECRETS_ROTATING"
    at.now += timedelta(hours=1)
    assert [one["id"] for one in api.post(path, {"grace": 0}).ok()["secrets"]] != [newest["id"]]


def test_without_grace_only_the_new_secret_is_valid(api: Client) -> None:
    made = api.post("/webhook-endpoints", BODY).ok(201)
    rotated = api.post(f"/webhook-endpoints/{made['id']}/rotate-secret", {"grace": 0}).ok()
    assert len(rotated["secrets"]) == 1
