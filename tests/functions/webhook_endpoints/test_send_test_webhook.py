"""POST /webhook-endpoints/{endpoint_id}/test"""

import json

import pytest

from tests.gateway import Client
from tests.webhooks import allow_loopback, deliveries, listen, receiver


def test_a_test_event_is_sent_at_once(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    allow_loopback(monkeypatch)
    with receiver() as target:
        made = listen(api, target.url)
        path = f"/webhook-endpoints/{made['id']}/test"
        attempt = api.post(path, headers={"Idempotency-Key": "1"}).ok()
        assert api.post(path, headers={"Idempotency-Key": "1"}).ok() == attempt
        [(_, _, body)] = target.requests
    assert (attempt["status_code"], attempt["error"], attempt["response"]) == (200, None, "ok")
    assert json.loads(body)["type"] == "webhook.ping"
    assert deliveries(api, made) == []
    assert api.post(path).ok()["error"] == "connection_failed"


def test_an_endpoint_that_polls_cannot_be_tested(api: Client) -> None:
    assert api.post(f"/webhook-endpoints/{listen(api, None)['id']}/test").code == "WRONG_ENDPOINT_KIND"
