"""DELETE /subscriptions/{subscription_id}/cancellation."""

from datetime import UTC, datetime

import pytest

from tests.builders import item_json
from tests.conftest import Clock
from tests.events import details
from tests.functions.subscriptions.test_change_subscription import change, quantity
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe


def test_a_withdrawn_cancellation_leaves_no_gap(api: Client, at: Clock) -> None:
    """A period that was billed up to the end continues on the next day."""
    made = subscribe(api, items=[item_json("Wartung", "31.00")])
    path = f"/subscriptions/{made['id']}/cancellation"
    api.put(path, {"at": "date", "on": "2026-03-20"}).ok()
    bill(api, made)
    after = api.delete(path).ok()
    assert (after["cancellation"], after["ends_on"], after["status"]) == (None, None, "active")
    assert len(details("subscription.cancellation_revoked")) == 1
    bill_at(api, at, "2026-04-10T12:00", made)
    assert [(one["start"], one["end"]) for one in periods(api, made)] == [
        ("2026-03-10", "2026-03-20"),
        ("2026-03-21", "2026-04-09"),
        ("2026-04-10", "2026-05-09"),
    ]
    assert [one["subtotal"] for one in invoices(api, made)] == ["11.00", "20.00", "31.00"]


def test_without_cancellation_there_is_nothing_to_withdraw(api: Client) -> None:
    answer = api.delete(f"/subscriptions/{subscribe(api)['id']}/cancellation")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_an_ended_subscription_stays_ended(api: Client, at: Clock) -> None:
    made = subscribe(api)
    path = f"/subscriptions/{made['id']}/cancellation"
    api.put(path, {"at": "now"}).ok()
    bill_at(api, at, "2026-03-11T12:00", made)
    assert api.delete(path).code == "INVALID_STATE"


def test_a_revocation_announces_the_status_of_the_day(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-03-15")
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2026-12-31"}).ok()
    at.now = datetime(2026, 3, 15, 1, tzinfo=UTC)
    assert api.delete(f"/subscriptions/{made['id']}/cancellation").ok()["status"] == "active"
    assert len(details("subscription.activated")) == 1


@pytest.mark.parametrize("later", [None, {"at": "date", "on": "2026-04-05", "refund": "credit"}], ids=["none", "later"])
def test_credited_days_are_not_served_after_all(api: Client, at: Clock, later: dict[str, str] | None) -> None:
    """The arrears of a subscription whose end is credited are billed at its hour. Its end is final before."""
    items = [item_json("Plan", "31.00"), item_json("Support", "10.00", timing="arrears")]
    made = subscribe(api, items=items, action="finalize", hour=20)
    path = f"/subscriptions/{made['id']}/cancellation"
    bill_at(api, at, "2026-03-10T21:00", made)
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    api.put(path, {"at": "now", "refund": "credit"}).ok()
    bill_at(api, at, "2026-03-15T23:30")
    assert [one["subtotal"] for one in invoices(api, made)] == ["31.00", "25.00"]
    answer = api.put(path, later) if later else api.delete(path)
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    bill_at(api, at, "2026-03-16T21:00", made)
    assert now_of(api, made)["status"] == "ended"


def test_days_after_a_replaced_end_are_charged(api: Client, at: Clock) -> None:
    """Items are added and changed before an end. An earlier end replaces it, and is revoked."""
    made = subscribe(api, items=[item_json("Plan", "31.00")], action="finalize")
    path = f"/subscriptions/{made['id']}/cancellation"
    bill_at(api, at, "2026-03-10T12:00", made)
    api.put(path, {"at": "date", "on": "2026-04-05"}).ok()
    change(api, made, {"op": "add", "item": item_json("Zusatz", "31.00")}, quantity(made["items"][0], "2")).ok()
    api.put(path, {"at": "date", "on": "2026-03-20"}).ok()
    last = api.delete(path).ok()["changes"][-1]
    assert (last["on"], len(last["items"])) == ("2026-03-21", 2)
    assert sorted(one["subtotal"] for one in invoices(api, made)) == ["31.00", "54.00", "8.00"]
    [row] = periods(api, made)
    assert sum(one["days"] for one in row["items"]) == 3 * 31
