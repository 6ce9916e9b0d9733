"""POST /webhook-endpoints/{endpoint_id}/replay"""

from collections import Counter
from functools import partial

import pytest

from tests.aws import AwsCalls
from tests.faults.deaths import Moment, dies_at
from tests.gateway import Client
from tests.webhooks import allow_loopback, customers, deliveries, listen, pump, receiver


def test_a_replay_sends_the_same_ids_and_bytes(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    allow_loopback(monkeypatch)
    with receiver() as target:
        made = listen(api, target.url)
        path = f"/webhook-endpoints/{made['id']}/replay"
        events = customers(api, 2)
        pump()
        ids = [one["id"] for one in deliveries(api, made)]
        assert api.post(path, {"delivery_ids": ids[:1]}).ok(202) == {
            "object": "webhook_replay",
            "count": 1,
            "has_more": False,
        }
        pump()
        assert sorted(target.ids) == sorted([*events, events[0]])
        same = [body for _, headers, body in target.requests if headers["webhook-id"] == events[0]]
        assert len(set(same)) == 1
        assert api.post(path, {"created_from": "2026-03-10T00:00:00Z", "status": "succeeded"}).ok(202)["count"] == 2
        pump()
        assert len(target.requests) == 5
    assert {one["status"] for one in deliveries(api, made)} == {"succeeded"}


@pytest.mark.parametrize(
    ("call", "moment"), [("PutItem", "after"), ("SendMessage", "before"), ("SendMessage", "after"), (10, "after")]
)
def test_a_repeated_request_sends_the_same_deliveries_once(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch, call: int | str, moment: Moment
) -> None:
    allow_loopback(monkeypatch)
    with receiver() as target:
        made = listen(api, target.url)
        first = customers(api, 2)
        pump()
        replay = partial(
            api.post,
            f"/webhook-endpoints/{made['id']}/replay",
            {"created_from": "2026-03-10T00:00:00Z", "status": "succeeded"},
            headers={"Idempotency-Key": "again"},
        )
        with dies_at(call, moment, aws):
            replay()
        pump()
        # Another delivery matches meanwhile. It may be in the answer if the first request ended before its selection.
        later = customers(api, 1)
        pump()
        answers = [replay().ok(202)["count"] for _ in range(2)]
        pump()
        sent = Counter(target.ids)
    assert len(set(answers)) == 1
    assert [sent[one] for one in first] == [2, 2]
    assert sent[later[0]] == answers[0] - 1


def test_a_polled_delivery_is_pending_again(api: Client) -> None:
    made = listen(api, None)
    customers(api, 1)
    [delivery] = deliveries(api, made)
    path = f"/webhook-endpoints/{made['id']}"
    api.post(f"{path}/acknowledge", {"delivery_ids": [delivery["id"]]}).ok()
    assert api.post(f"{path}/replay", {"delivery_ids": [delivery["id"]]}).ok(202)["count"] == 1
    assert deliveries(api, made)[0]["status"] == "pending"


def test_a_replay_names_deliveries_or_times(api: Client) -> None:
    path = f"/webhook-endpoints/{listen(api, None)['id']}/replay"
    assert api.post(path, {}).status == 400
    assert api.post(path, {"delivery_ids": ["dlv_" + "0" * 26]}).code == "DELIVERY_NOT_FOUND"
