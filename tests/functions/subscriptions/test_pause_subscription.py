"""POST /subscriptions/{subscription_id}/pause."""

from datetime import datetime
from typing import Any

import pytest

from tests.builders import item_json
from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, statuses, subscribe


def pause(api: Client, made: dict[str, Any], **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = api.post(f"/subscriptions/{made['id']}/pause", body).ok()
    return found


def test_a_pause_begins_after_the_last_billed_period(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    after = pause(api, made)
    assert (after["status"], after["paused"]) == ("active", {"from": "2026-04-10", "until": None})
    assert after["tracks"][0]["next"] is None
    bill_at(api, at, "2026-06-01T12:00", made)
    assert (now_of(api, made)["status"], len(invoices(api, made))) == ("paused", 1)
    assert len(details("subscription.paused")) == 1


def test_a_pause_with_an_end_resumes_by_itself(api: Client, at: Clock) -> None:
    made = subscribe(api, anchor={"day": 1}, start_date="2026-03-01")
    bill(api, made)
    after = pause(api, made, until="2026-06-10")
    assert after["tracks"][0]["next"]["start"] == "2026-06-01"
    for moment in ("2026-04-01T12:00", "2026-06-01T12:00", "2026-06-11T12:00", "2026-07-01T12:00"):
        bill_at(api, at, moment, made)
    assert list(statuses(periods(api, made))) == [
        ("1m-advance.2026-03-01", "draft"),
        ("1m-advance.2026-04-01", "paused"),
        ("1m-advance.2026-05-01", "paused"),
        ("1m-advance.2026-06-01", "draft"),
        ("1m-advance.2026-07-01", "draft"),
    ]
    assert (now_of(api, made)["status"], now_of(api, made)["paused"]) == ("active", None)
    assert (len(details("subscription.paused")), len(details("subscription.resumed"))) == (1, 1)
    skipped = [one["data"]["details"]["periods"] for one in details("subscription.period_skipped")]
    assert skipped == [["1m-advance.2026-04-01", "1m-advance.2026-05-01"]]


def test_a_period_that_begins_before_the_pause_is_billed(api: Client, at: Clock) -> None:
    items = [item_json("Verbrauch", "5.00", timing="arrears")]
    made = subscribe(api, items=items, anchor={"day": 1}, start_date="2026-03-01")
    pause(api, made, **{"from": "2026-03-15", "until": "2026-04-30"})
    bill_at(api, at, "2026-06-01T12:00", made)
    assert [one for _, one in statuses(periods(api, made))] == ["draft", "paused", "draft"]


def test_a_long_pause_is_recorded_in_parts(api: Client, at: Clock) -> None:
    made = subscribe(api, items=[item_json("Tag", "1.00", interval={"unit": "day"})])
    pause(api, made, **{"from": "2026-03-11", "until": "2026-05-01"})
    bill_at(api, at, "2026-05-02T12:00", made)
    found = [one for _, one in statuses(periods(api, made))]
    assert (found.count("paused"), found.count("draft"), now_of(api, made)["paused"]) == (52, 2, None)


def test_an_end_during_a_pause_ends_it(api: Client, at: Clock) -> None:
    made = subscribe(api, anchor={"day": 1}, start_date="2026-03-01")
    bill(api, made)
    pause(api, made)
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2026-05-31"}).ok()
    bill_at(api, at, "2026-06-01T12:00", made)
    after = now_of(api, made)
    assert (after["status"], after["ends_on"], len(invoices(api, made))) == ("ended", "2026-05-31", 1)
    assert [one for _, one in statuses(periods(api, made))] == ["draft", "paused", "paused"]


def test_a_period_billed_early_keeps_the_paused_ones(api: Client) -> None:
    made = subscribe(api, anchor={"day": 1}, start_date="2026-03-01")
    bill(api, made)
    pause(api, made, until="2026-04-30")
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-05-01", {"action": "bill"}).ok()
    assert [one for _, one in statuses(periods(api, made))] == ["draft", "paused", "draft"]
    previewed = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    assert previewed[0]["periods"][0]["start"] == "2026-06-01"


def test_a_second_pause_is_refused(api: Client) -> None:
    made = subscribe(api)
    pause(api, made, **{"from": "2026-05-01", "until": "2026-06-01"})
    answer = api.post(f"/subscriptions/{made['id']}/pause", {"from": "2026-08-01"})
    assert (answer.status, answer.code, answer.json["allowed_actions"]) == (409, "SUBSCRIPTION_PAUSED", ["resume"])


def test_an_ended_subscription_is_not_paused(api: Client, at: Clock) -> None:
    made = subscribe(api, occurrences={"max": 1})
    bill_at(api, at, "2026-05-01T12:00", made)
    answer = api.post(f"/subscriptions/{made['id']}/pause", {})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize("days", [{"until": "2026-03-09"}, {"from": "2026-05-02", "until": "2026-05-01"}])
def test_a_pause_ends_after_it_starts(api: Client, days: dict[str, str]) -> None:
    answer = api.post(f"/subscriptions/{subscribe(api)['id']}/pause", days)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/until")


@pytest.mark.parametrize("has_plan", [True, False], ids=["plan", "alone"])
def test_a_fee_of_a_paused_period_is_billed_with_the_next(api: Client, at: Clock, has_plan: bool) -> None:
    fee = item_json("Fee", "100.00", once=True, **({} if has_plan else {"end_date": "2026-04-01"}))
    items = [*([item_json("Plan", "31.00")] if has_plan else []), fee]
    made = subscribe(api, items=items, action="finalize", start_date="2026-03-20")
    api.post(f"/subscriptions/{made['id']}/pause", {"from": "2026-03-20", "until": "2026-05-25"}).ok()
    [planned, *_] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"] if has_plan else [None]
    bill_at(api, at, "2026-05-26T12:00", made)
    bill_at(api, at, "2026-06-21T12:00", made)
    found = [[line["name"] for line in one["lines"]] for one in invoices(api, made)]
    if planned:
        assert found[0] == [line["name"] for line in planned["invoice"]["lines"]] == ["Plan", "Fee"]
    assert sum(names.count("Fee") for names in found) == 1


def test_a_pause_after_the_announcement_bills_nothing_in_it(api: Client, at: Clock) -> None:
    """Nor is an invoice announced again after the pause, unless its date is another one."""
    api.patch("/tenant", {"subscription_notices": {"upcoming": 7}}).ok()
    made = subscribe(api, lead_days=5)
    bill(api, made)
    path = f"/subscriptions/{made['id']}"
    requests: dict[str, tuple[str, dict[str, object]]] = {
        "2026-03-30": ("pause", {"from": "2026-04-10"}),
        "2026-04-12": ("resume", {"bill": False}),
        "2026-05-06": ("pause", {"from": "2026-05-10", "until": "2026-06-09"}),
    }
    for day in ("2026-03-30", "2026-04-05", "2026-04-12", "2026-05-01", "2026-05-06", "2026-06-01"):
        at.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        assert strike("announce_upcoming_invoices", api.tenant_id) == []
        bill(api, made)
        if day in requests:
            api.post(f"{path}/{requests[day][0]}", requests[day][1]).ok()
            bill(api, made, made)
        if day == "2026-04-05":
            assert [one["start"] for one in periods(api, made)] == ["2026-03-10"]
    announced = [one["data"]["details"]["bill_on"] for one in details("subscription.upcoming")]
    assert announced == ["2026-04-05", "2026-05-05", "2026-06-05"]
    # May is billed before its pause begins, and stays billed.
    assert {status for _, status in statuses(periods(api, made))} == {"draft"}
    assert [one["start"] for one in periods(api, made)] == ["2026-03-10", "2026-04-10", "2026-05-10"]
