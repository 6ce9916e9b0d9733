"""PUT /subscriptions/{subscription_id}/cancellation."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import customer_json, item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client, Response
from tests.races import meanwhile
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe

MONTH = {"unit": "month", "count": 1}
PLAN = [item_json("Wartung", "31.00")]
ARREARS = [item_json("Wartung", "31.00", timing="arrears")]


def cancel(api: Client, subscription: dict[str, Any], **body: object) -> Response:
    return api.put(f"/subscriptions/{subscription['id']}/cancellation", body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"at": "now"}, "2026-03-10"),
        ({"at": "period_end"}, "2026-04-09"),
        ({"at": "date", "on": "2026-05-20"}, "2026-05-20"),
        ({"at": "earliest"}, "2027-03-09"),
        ({}, "2027-03-09"),
    ],
)
def test_it_ends_on_the_requested_day(api: Client, body: dict[str, str], expected: str) -> None:
    made = subscribe(api, term={"unit": "year"}, notice=MONTH, renewal={"mode": "renew"})
    after = cancel(api, made, **body, reason="Umzug").ok()
    assert after["ends_on"] == after["cancellation"]["on"] == expected
    assert (after["cancellation"]["reason"], after["cancellation"]["by"]["id"]) == ("Umzug", api.user and api.user.id)
    assert len(details("subscription.cancellation_scheduled")) == 1


def test_notice_can_end_at_a_period_end_only(api: Client) -> None:
    yearly = [item_json("Wartung", "9.00", interval={"unit": "year"})]
    made = subscribe(api, notice=MONTH | {"ends_at": "period_end"}, items=yearly)
    assert cancel(api, made).ok()["ends_on"] == "2027-03-09"


def test_the_end_of_the_longest_period_is_the_period_end(api: Client) -> None:
    items = [item_json("Monat", "9.00"), item_json("Quartal", "30.00", interval={"unit": "month", "count": 3})]
    assert cancel(api, subscribe(api, items=items), at="period_end").ok()["ends_on"] == "2026-06-09"


def test_a_trial_is_canceled_at_its_end(api: Client, at: Clock) -> None:
    made = subscribe(api, trial_end="2026-03-31")
    assert cancel(api, made, at="period_end").ok()["ends_on"] == "2026-03-31"
    bill_at(api, at, "2026-04-01T12:00", made)
    assert (now_of(api, made)["status"], invoices(api, made)) == ("ended", [])


def test_a_term_without_length_has_no_earliest_end(api: Client) -> None:
    answer = cancel(api, subscribe(api, renewal={"mode": "end"}))
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (422, "TERM_HAS_NO_END", "/at")


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2026-04-09", ["31.00"]), ("2026-04-10", ["31.00", "1.03"]), ("2026-05-09", ["31.00", "31.00"])],
)
def test_no_day_after_the_end_is_billed(api: Client, at: Clock, on: str, expected: list[str]) -> None:
    made = subscribe(api, items=PLAN)
    cancel(api, made, at="date", on=on).ok()
    bill_at(api, at, "2026-08-01T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == expected
    assert now_of(api, made)["status"] == "ended"


def test_the_last_arrears_are_billed_without_grace(api: Client, at: Clock) -> None:
    made = subscribe(api, items=ARREARS, grace_days=10)
    cancel(api, made, at="now").ok()
    bill_at(api, at, "2026-03-11T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["1.00"]
    assert now_of(api, made)["status"] == "ended"
    assert len(details("subscription.ended")) == 1


@pytest.mark.parametrize("first", ["full", "free"])
def test_a_first_period_is_not_cut_at_its_start_by_the_end(api: Client, first: str) -> None:
    """`first` is about the days before the start, and not about those after the end."""
    made = subscribe(api, items=[item_json("Wartung", "31.00", first=first)])
    cancel(api, made, at="now").ok()
    bill(api, made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["1.00"]


def test_billed_days_after_the_end_stay_billed(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    before = invoices(api, made)
    after = cancel(api, made, at="now", dry_run=True).ok()
    assert (after["ends_on"], after["tracks"][0]["billed_through"]) == ("2026-03-10", "2026-04-09")
    assert after["billed_after_end"] == {"start": "2026-03-11", "end": "2026-04-09", "credit": None}
    assert now_of(api, made)["cancellation"] is None
    cancel(api, made, at="now").ok()
    bill_at(api, at, "2026-05-01T12:00", made)
    assert invoices(api, made) == before
    assert now_of(api, made)["status"] == "ended"


def test_an_end_in_the_past_ends_it_at_once(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    bill_at(api, at, "2026-04-01T12:00", made)
    assert cancel(api, made, at="date", on="2026-03-20").ok()["status"] == "ended"
    assert len(details("subscription.ended")) == 1
    assert cancel(api, made, at="now").code == "INVALID_STATE"


def test_a_cancellation_before_the_start_bills_nothing(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-04-01")
    assert cancel(api, made, at="now").ok()["tracks"][0]["next"] is None
    bill_at(api, at, "2026-03-11T12:00", made)
    assert (now_of(api, made)["status"], periods(api, made)) == ("ended", [])


def test_a_fixed_term_ends_by_itself(api: Client, at: Clock) -> None:
    made = subscribe(api, term={"unit": "month", "count": 2}, renewal={"mode": "end"})
    assert made["ends_on"] == "2026-05-09"
    bill_at(api, at, "2026-07-01T12:00", made)
    assert [one["start"] for one in periods(api, made)] == ["2026-03-10", "2026-04-10"]
    assert now_of(api, made)["status"] == "ended"


@pytest.mark.parametrize(
    "body", [{"at": "date"}, {"at": "now", "on": "2026-03-20"}, {"at": "date", "on": "2026-03-09"}]
)
def test_a_date_is_required_for_date_alone(api: Client, body: dict[str, str]) -> None:
    assert cancel(api, subscribe(api), **body).status == 400


def test_a_waiting_bill_has_only_the_days_until_the_end(api: Client, at: Clock) -> None:
    """Hazard 3: a subscription ends while its bill waits in the queue."""
    made = subscribe(api, items=ARREARS)
    with meanwhile(lambda: cancel(api, made, at="date", on="2026-03-20").ok()):
        bill_at(api, at, "2026-04-10T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["11.00"]
    bill(api, made)
    assert (len(invoices(api, made)), now_of(api, made)["status"]) == (1, "ended")


@pytest.mark.parametrize(
    "other",
    [{"interval": {"unit": "year"}, "once": True}, {"interval": {"unit": "year"}, "end_date": "2026-04-30"}],
    ids=["once", "ended"],
)
def test_an_item_that_does_not_run_delays_no_end(api: Client, at: Clock, other: dict[str, Any]) -> None:
    made = subscribe(api, items=[*PLAN, item_json("Einrichtung", "10.00", **other)])
    bill_at(api, at, "2026-05-15T12:00", made)
    assert cancel(api, made, at="period_end").ok()["ends_on"] == "2026-06-09"


@pytest.mark.parametrize(
    ("fields", "on", "expected"),
    [
        ({"term": {"unit": "year"}, "notice": MONTH, "anchor": {"day": 1}}, "2026-05-15T12:00", "2027-03-09"),
        ({"term": {"unit": "year"}, "notice": MONTH, "anchor": {"day": 1}}, "2027-02-20T12:00", "2027-03-31"),
    ],
)
def test_a_running_term_ends_on_its_own_last_day(
    api: Client, at: Clock, fields: dict[str, Any], on: str, expected: str
) -> None:
    """`ends_at` is about a notice without a running term."""
    notice = fields["notice"] | {"ends_at": "period_end"}
    made = subscribe(api, items=PLAN, **fields | {"notice": notice})
    bill_at(api, at, on, made)
    assert cancel(api, made).ok()["ends_on"] == expected


def test_a_period_end_after_the_term_is_that_of_the_term(api: Client) -> None:
    made = subscribe(api, anchor={"day": 1}, term={"unit": "day", "count": 10}, renewal={"mode": "end"})
    after = cancel(api, made, at="period_end").ok()
    assert after["ends_on"] == after["cancellation"]["on"] == "2026-03-19"


def test_an_ended_subscription_cannot_be_revived(api: Client, at: Clock) -> None:
    """The clock records the status once an hour, and may be late."""
    made = subscribe(api, items=PLAN)
    bill(api, made)
    cancel(api, made, at="date", on="2026-04-09").ok()
    bill_at(api, at, "2026-04-10T12:00", subscribe(api))
    assert cancel(api, made, at="date", on="2026-12-31").code == "INVALID_STATE"
    assert api.delete(f"/subscriptions/{made['id']}/cancellation").code == "INVALID_STATE"
    assert api.patch(f"/subscriptions/{made['id']}", {"name": "x"}).code == "INVALID_STATE"


def test_no_arrears_wait_for_grace_after_the_end(api: Client, at: Clock) -> None:
    made = subscribe(api, items=ARREARS, grace_days=20)
    cancel(api, made, at="date", on="2026-04-12").ok()
    bill_at(api, at, "2026-04-13T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["31.00", "3.10"]
    assert now_of(api, made)["status"] == "ended"


@pytest.mark.parametrize(
    ("row", "start", "interval", "price", "rate", "expected"),
    [
        ("P29", "2025-09-18", "month", "200.00", "25", ("193.33", "48.33", "241.66")),
        ("P31", "2025-10-06", "week", "29.99", "23.33", ("25.71", "6.00", "31.71")),
    ],
)
def test_days_after_the_end_are_credited(
    api: Client, at: Clock, row: str, start: str, interval: str, price: str, rate: str, expected: tuple[str, ...]
) -> None:
    item = item_json("Plan", price, interval={"unit": interval})
    item["line"]["tax"]["rate"] = rate
    at.now = datetime.fromisoformat(f"{start}T12:00").replace(tzinfo=UTC)
    made = subscribe(api, items=[item], action="finalize")
    bill(api, made)
    after = cancel(api, made, at="now", refund="credit").ok()
    assert after["cancellation"]["credit_note_ids"] is None
    at.now += timedelta(days=1)
    bill(api, made)
    [_, note] = invoices(api, made)
    assert (note["type"], note["subtotal"], note["tax"], note["total"]) == ("credit_note", *expected)
    ended = now_of(api, made)
    assert (ended["status"], ended["cancellation"]["credit_note_ids"]) == ("ended", [note["id"]])
    bill(api, made)
    assert len(invoices(api, made)) == 2


def test_a_draft_is_billed_to_the_end_only(api: Client, at: Clock) -> None:
    """Rule 13: a draft is recomputed, and periods that were billed ahead have no line left."""
    made = subscribe(api, items=PLAN)
    bill(api, made)
    cancel(api, made, at="date", on="2026-03-20", refund="credit").ok()
    bill_at(api, at, "2026-03-21T12:00", made)
    [draft] = invoices(api, made)
    assert (draft["subtotal"], now_of(api, made)["status"]) == ("11.00", "ended")


def test_a_period_billed_ahead_is_credited_as_a_whole(api: Client, at: Clock) -> None:
    fee = item_json("Einrichtung", "10.00", once=True)
    made = subscribe(api, items=[*PLAN, fee], lead_days=20, action="finalize")
    bill_at(api, at, "2026-03-21T12:00", made)
    cancel(api, made, at="date", on="2026-03-31", refund="credit").ok()
    bill_at(api, at, "2026-04-01T12:00", made)
    notes = [one["subtotal"] for one in invoices(api, made) if one["type"] == "credit_note"]
    assert sorted(notes) == ["31.00", "9.00"]


@pytest.mark.parametrize("paid", ["0.00", "11.00", "36.89"])
def test_a_credit_after_the_end_settles_the_invoice(api: Client, at: Clock, paid: str) -> None:
    """Hazard 19: an unpaid invoice asks for less, and a paid one is to be refunded."""
    made = subscribe(api, items=PLAN, action="finalize")
    bill(api, made)
    [invoice] = invoices(api, made)
    if paid != "0.00":
        api.post(f"/invoices/{invoice['id']}/payments", {"amount": paid, "method": "bank_transfer"}).ok(201)
    cancel(api, made, at="date", on="2026-03-20", refund="credit").ok()
    bill_at(api, at, "2026-03-21T12:00", made)
    after = api.get(f"/invoices/{invoice['id']}").ok()
    assert Decimal(after["due"]) - Decimal(after["refund_due"]) == Decimal("13.09") - Decimal(paid)


def test_the_ends_of_the_term_are_shown(api: Client, at: Clock) -> None:
    made = subscribe(api, term={"unit": "year"}, notice=MONTH, renewal={"mode": "renew"})
    assert (made["term_end"], made["earliest_end"]) == ("2027-03-09", "2027-03-09")
    at.now = datetime(2027, 2, 20, 12, tzinfo=UTC)
    later = now_of(api, made)
    assert (later["term_end"], later["earliest_end"]) == ("2027-03-09", "2028-03-09")
    assert cancel(api, made).ok()["ends_on"] == later["earliest_end"]


@pytest.mark.parametrize("action", ["draft", "finalize"])
def test_a_dry_run_shows_the_credit_after_the_end(api: Client, at: Clock, action: str) -> None:
    made = subscribe(api, items=PLAN, action=action)
    bill(api, made)
    planned = cancel(api, made, at="date", on="2026-03-14", refund="credit", dry_run=True).ok()["billed_after_end"]
    assert planned == {
        "start": "2026-03-15", "end": "2026-04-09", "credit": {"net": "26.00", "tax": "4.94", "total": "30.94"},
    }  # fmt: skip
    before = Decimal(invoices(api, made)[0]["total"])
    cancel(api, made, at="date", on="2026-03-14", refund="credit").ok()
    bill_at(api, at, "2026-03-15T12:00", made)
    [first, *notes] = invoices(api, made)
    credited = Decimal(notes[0]["total"]) if notes else before - Decimal(first["total"])
    assert str(credited) == planned["credit"]["total"]
    assert now_of(api, made)["billed_after_end"] is None


@pytest.mark.parametrize(
    "paid", ["100.00", *(pytest.param(one, marks=pytest.mark.slow) for one in ("0.00", "1106.70"))]
)
def test_each_end_charges_the_days_until_it(api: Client, at: Clock, paid: str) -> None:
    """Hazard 19: before, on and after each boundary, the invoice that billed the days asks for less or owes the rest.

    The first two periods cost 30.00 and 31.00 a day. The second one is billed on 5 April, before it begins.
    """
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    ends: dict[str, date] = {}
    days = [date(2026, month, 10) + timedelta(days=off) for month in (3, 4, 5) for off in (-1, 0, 1)]
    for day in days[1:]:
        items = [item_json("Plan", "930.00")]
        made = subscribe(api, customer_id=customer, items=items, action="finalize", lead_days=5)
        ends[made["id"]] = day
    bill(api, made)
    bill_at(api, at, "2026-04-06T12:00", made)
    billed = by_subscription(api, customer)
    for id_, day in ends.items():
        for one in billed[id_] if paid != "0.00" else ():
            api.post(f"/invoices/{one['id']}/payments", {"amount": paid, "method": "bank_transfer"}).ok(201)
        cancel(api, {"id": id_}, at="date", on=day.isoformat(), refund="credit").ok()
    for moment in ("04-06T13:00", "05-12T12:00", "09-01T12:00"):
        bill_at(api, at, f"2026-{moment}", made)
    after, third = by_subscription(api, customer), {date(2026, 5, 10): ["30.00"], date(2026, 5, 11): ["60.00"]}
    for id_, day in ends.items():
        first, second, *others = after[id_]
        served = max(0, (min(day, date(2026, 4, 9)) - date(2026, 3, 9)).days), max(0, (day - date(2026, 4, 9)).days)
        owed = [Decimal("35.70") * served[0], Decimal("36.89") * min(served[1], 30)]
        found = [Decimal(one["due"]) - Decimal(one["refund_due"]) for one in (first, second)]
        assert (day, found) == (day, [one - Decimal(paid) for one in owed])
        assert [one["subtotal"] for one in others] == third.get(day, [])


def by_subscription(api: Client, customer: str) -> dict[str, list[dict[str, Any]]]:
    """The invoices of a customer by their subscription, oldest first."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in api.get(f"/invoices?customer_id={customer}&order=asc&limit=100").ok()["data"]:
        for id_ in one["subscription_ids"]:
            found[id_].append(one)
    return found
