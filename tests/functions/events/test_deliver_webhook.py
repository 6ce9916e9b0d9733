"""The attempts of a delivery, and the consequences of their outcome."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from invoicing import config
from invoicing.webhooks import delivering
from invoicing.webhooks.delivery import DELAYS
from tests.aws import ENVIRONMENT
from tests.aws_events import boto
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details, function
from tests.gateway import Client
from tests.webhooks import Receiver, allow_loopback, customers, deliveries, listen, pump, receiver


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch, aws: object) -> Iterator[Receiver]:
    """A receiver that accepts everything."""
    allow_loopback(monkeypatch)
    with receiver() as found:
        yield found


def later(at: Clock, **delay: float) -> int:
    """Pass some time, then make the attempts that are due."""
    at.now += timedelta(**delay)
    function("retry_webhooks").declaration({}, None)
    return pump()


def state(api: Client, endpoint: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/webhook-endpoints/{endpoint['id']}").ok()
    return found


def test_a_receiver_verifies_a_delivery_by_the_standard(
    api: Client, target: Receiver, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _Now(at))
    made = listen(api, target.url)
    rotated = api.post(f"/webhook-endpoints/{made['id']}/rotate-secret", {}).ok()
    [event] = customers(api, 1)
    assert pump() == 1
    [(path, headers, body)] = target.requests
    for secret in (made["secret"], rotated["secret"]):
        content = Webhook(secret).verify(body, headers)
    assert (path, headers["content-type"], headers["webhook-id"]) == (
        "/hooks?from=invoicing",
        "application/json",
        event,
    )
    assert (content["type"], content["id"], content["payload"]) == ("customer.created", event, "full")
    assert content["data"] == details("customer.created")[0]["data"]
    assert content["resource"] == details("customer.created")[0]["resource"]
    [delivery] = deliveries(api, made)
    assert (delivery["status"], delivery["next_attempt_at"]) == ("succeeded", None)
    [attempt] = delivery["attempts"]
    assert (attempt["status_code"], attempt["error"], attempt["response"]) == (200, None, "ok")
    shown = state(api, made)
    assert (shown["last_success_at"], shown["pending"]) == ("2026-03-10T12:00:00.000Z", 0)


class _Now:
    """The clock of the verifier: that of the test."""

    def __init__(self, at: Clock) -> None:
        self._at = at

    def now(self, *, tz: object) -> object:
        return self._at.now

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)


def test_failed_attempts_follow_the_schedule_with_the_same_bytes(api: Client, target: Receiver, at: Clock) -> None:
    target.answer = lambda _: (302, {"Location": "http://localhost:1/"})
    made = listen(api, target.url)
    customers(api, 1)
    pump()
    for number in range(1, len(DELAYS)):
        [delivery] = deliveries(api, made)
        assert len(delivery["attempts"]) == number
        assert later(at, seconds=DELAYS[number].total_seconds() * 0.79) == 0
        assert later(at, seconds=DELAYS[number].total_seconds() * 0.42) == 1
    [delivery] = deliveries(api, made)
    assert (delivery["status"], len(delivery["attempts"])) == ("failed", 10)
    assert len({(headers["webhook-id"], body) for _, headers, body in target.requests}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in target.requests}) == 10


def test_a_receiver_can_ask_for_a_later_attempt(api: Client, target: Receiver, at: Clock) -> None:
    target.answer = lambda number: (503, {"Retry-After": "7200"}) if number == 1 else (204, {})
    made = listen(api, target.url)
    customers(api, 1)
    pump()
    assert deliveries(api, made)[0]["next_attempt_at"] == "2026-03-10T14:00:00.000Z"
    assert later(at, minutes=119) == 0
    assert later(at, minutes=2) == 1
    assert deliveries(api, made)[0]["status"] == "succeeded"


def test_a_failing_endpoint_gets_one_delivery_until_it_recovers(api: Client, target: Receiver, at: Clock) -> None:
    target.answer = lambda _: (500, {})
    made = listen(api, target.url)
    events = customers(api, 8)
    pump()
    assert target.ids == events[:5] or len(target.ids) == 5
    shown = state(api, made)
    assert (shown["status"], shown["pending"]) == ("failing", 8)
    events += customers(api, 2)
    assert pump() == 2
    assert len(target.requests) == 5
    for minutes in (2, 7, 40):
        later(at, minutes=minutes)
    # The four others that failed wait too.
    probe = target.ids[4]
    assert set(target.ids[5:]) == {probe}
    target.answer = lambda _: (200, {})
    later(at, hours=3)
    assert state(api, made)["status"] == "active"
    before = len(target.requests)
    assert deliver("release_deliveries", *details("webhook.recovered")) == []
    pump()
    assert set(target.ids[before:]) == set(events) - {probe}
    assert {one["status"] for one in deliveries(api, made)} == {"succeeded"}
    assert state(api, made)["pending"] == 0


def test_an_endpoint_that_is_gone_waits_for_a_user(api: Client, target: Receiver, at: Clock) -> None:
    target.answer = lambda _: (410, {})
    made = listen(api, target.url)
    events = customers(api, 2)
    pump()
    shown = state(api, made)
    assert (shown["status"], shown["disabled_reason"], shown["pending"]) == ("disabled", "gone", 2)
    assert details("webhook.disabled")[0]["data"]["details"] == {"reason": "gone"}
    events += customers(api, 1)
    later(at, days=10)
    assert len(target.requests) == 1
    target.answer = lambda _: (200, {})
    assert api.patch(f"/webhook-endpoints/{made['id']}", {"status": "active"}).ok()["status"] == "active"
    assert deliver("release_deliveries", *details("webhook.activated")) == []
    pump()
    assert sorted(target.ids[1:]) == sorted(events)


def test_five_days_of_failures_disable_an_endpoint(api: Client, target: Receiver, at: Clock) -> None:
    target.answer = lambda _: (404, {})
    made = listen(api, target.url)
    customers(api, 3)
    pump()
    for _ in range(26):
        if state(api, made)["status"] == "disabled":
            break
        later(at, hours=29)
    shown = state(api, made)
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "failing")
    assert len(target.requests) >= 20
    assert len(deliveries(api, made)) == 3


def test_a_worker_that_ends_after_a_request_repeats_it(
    api: Client, target: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = listen(api, target.url)
    customers(api, 1)
    [message] = boto("sqs").receive_message(QueueUrl=ENVIRONMENT["WEBHOOK_QUEUE_URL"])["Messages"]
    with monkeypatch.context() as dying:
        dying.setattr(delivering, "_record", _end)
        assert deliver_raw("deliver_webhook", message["Body"]) == ["0"]
    assert deliveries(api, made)[0]["attempts"] == []
    for _ in range(2):  # The queue delivers it again, and once more after it was recorded.
        assert deliver_raw("deliver_webhook", message["Body"]) == []
    (_, first, body), (_, second, again) = target.requests
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert len(deliveries(api, made)[0]["attempts"]) == 1


def _end(*_: object) -> None:
    raise RuntimeError("the worker ends")


def test_a_deleted_endpoint_gets_nothing(api: Client, target: Receiver) -> None:
    made = listen(api, target.url)
    customers(api, 1)
    api.delete(f"/webhook-endpoints/{made['id']}").ok(204)
    assert pump() == 1
    assert target.requests == []


def test_an_address_that_is_not_public_gets_no_connection(
    api: Client, target: Receiver, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    made = listen(api, target.url)
    customers(api, 1)
    monkeypatch.setenv("WEBHOOK_TARGETS", "443")
    config.setting.cache_clear()
    pump()
    assert target.requests == []
    assert deliveries(api, made)[0]["attempts"][0]["error"] == "url_not_allowed"
