"""POST /webhook-endpoints/{endpoint_id}/acknowledge"""

import json

from tests.gateway import Client
from tests.webhooks import customers, deliveries, listen


def test_acknowledged_deliveries_are_done(api: Client) -> None:
    made = listen(api, None)
    customers(api, 3)
    waiting = deliveries(api, made, status="pending")
    assert [json.loads(one["body"])["type"] for one in waiting] == ["customer.created"] * 3
    pending = [one["id"] for one in waiting]
    path = f"/webhook-endpoints/{made['id']}/acknowledge"
    for _ in range(2):
        assert api.post(path, {"delivery_ids": pending[:2]}).ok()["count"] == 2
    assert [one["id"] for one in deliveries(api, made, status="pending")] == pending[2:]
    assert api.get(f"/webhook-endpoints/{made['id']}").ok()["pending"] == 1
    assert api.post(path, {"delivery_ids": ["dlv_" + "0" * 26]}).code == "DELIVERY_NOT_FOUND"


def test_a_push_is_not_acknowledged(api: Client) -> None:
    made = listen(api, "https://example.com/")
    customers(api, 1)
    ids = [one["id"] for one in deliveries(api, made)]
    answer = api.post(f"/webhook-endpoints/{made['id']}/acknowledge", {"delivery_ids": ids})
    assert answer.code == "WRONG_ENDPOINT_KIND"
