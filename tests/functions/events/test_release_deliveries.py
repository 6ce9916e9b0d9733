"""The deliveries that waited for an endpoint follow once it is active again."""

from datetime import timedelta

from invoicing.core.model import instant_text
from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client
from tests.webhooks import customers, deliveries, listen, pump


def test_waiting_deliveries_are_queued_oldest_first(api: Client, at: Clock) -> None:
    made = listen(api, "https://example.com/", parallel=1)
    path = f"/webhook-endpoints/{made['id']}"
    api.patch(path, {"status": "disabled"}).ok()
    events = customers(api, 3)
    assert pump() == 3
    assert [one["next_attempt_at"] for one in deliveries(api, made)] == [None] * 3
    assert api.get(path).ok()["pending"] == 3
    at.now += timedelta(seconds=1)
    api.patch(path, {"status": "active"}).ok()
    for _ in range(2):
        assert deliver("release_deliveries", *details("webhook.activated")) == []
    due = deliveries(api, made)
    assert [one["event"]["id"] for one in due] == events
    assert {one["next_attempt_at"] for one in due} == {instant_text(at.now)}
    # The queue ignores a mark that it knows for five minutes, so it must not be that of the message before.
    assert pump() == 3
