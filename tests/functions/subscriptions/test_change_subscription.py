"""POST /subscriptions/{subscription_id}/changes: credit, charge and ledger of changes inside billed periods."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client, Response
from tests.races import meanwhile
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe


def change(api: Client, subscription: dict[str, Any], *items: dict[str, Any], **body: object) -> Response:
    return api.post(f"/subscriptions/{subscription['id']}/changes", {"items": list(items), **body})


def quantity(item: dict[str, Any], wanted: str) -> dict[str, Any]:
    return {"op": "set", "item_id": item["id"], "quantity": wanted}


def price(item: dict[str, Any], wanted: str) -> dict[str, Any]:
    return {"op": "set", "item_id": item["id"], "line": {**item_json(item["line"]["name"], wanted)["line"]}}


def nets(answer: dict[str, Any]) -> tuple[str, str, str]:
    return answer["credit"]["net"], answer["charge"]["net"], answer["difference"]["net"]


def set_clock(at: Clock, moment: str) -> None:
    at.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)


def example(api: Client, at: Clock, **fields: object) -> dict[str, Any]:
    """The subscription of the contract's example, whose second period is billed, on 15 March."""
    set_clock(at, "2026-02-28T12:00")
    made = subscribe(api, start_date="2026-01-31", anchor={"day": 31}, catch_up="bill", **fields)
    bill(api, made)
    set_clock(at, "2026-03-15T12:00")
    return made


def test_the_example_of_the_contract(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    plan, seats = made["items"]
    answer = change(api, made, price(plan, "99.00"), quantity(seats, "8")).ok()
    assert nets(answer) == ("25.29", "69.68", "44.39")
    assert answer["difference"] == {"net": "44.39", "tax": "8.43", "total": "52.82"}
    documents = {one["id"]: one for one in invoices(api, made)}
    [note] = [documents[one] for one in answer["credit_note_ids"]]
    charge = documents[answer["invoice_id"]]
    assert (note["type"], note["subtotal"], note["number"]) == ("credit_note", "25.29", "CN-2026-000001")
    assert [(one["name"], one["net"]) for one in charge["lines"]] == [
        ("Wartung, 1 ×, 16 von 31 Tagen", "51.10"),
        ("Arbeitsplatz, 3 ×, 16 von 31 Tagen", "18.58"),
    ]
    assert [one["start"] for one in periods(api, made)] == ["2026-01-31", "2026-02-28"]
    assert now_of(api, made)["tracks"][0]["next"]["start"] == "2026-03-31"


def test_a_refund_pays_the_invoice_of_the_same_change(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    [_, second] = [one for one in invoices(api, made) if one["type"] == "invoice"]
    api.post(f"/invoices/{second['id']}/payments", {"amount": second["total"], "method": "bank_transfer"}).ok(201)
    plan, seats = made["items"]
    answer = change(api, made, price(plan, "99.00"), quantity(seats, "8")).ok()
    charge = api.get(f"/invoices/{answer['invoice_id']}").ok()
    paid = api.get(f"/invoices/{second['id']}").ok()
    assert (charge["paid"], charge["due"], paid["refund_due"]) == ("30.10", "52.82", "0.00")


def test_more_credit_than_charge_stays_to_be_refunded(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    [_, second] = [one for one in invoices(api, made) if one["type"] == "invoice"]
    api.post(f"/invoices/{second['id']}/payments", {"amount": second["total"], "method": "bank_transfer"}).ok(201)
    plan, seats = made["items"]
    answer = change(api, made, price(plan, "29.00"), quantity(seats, "2")).ok()
    assert nets(answer) == ("43.87", "14.97", "-28.90")
    assert api.get(f"/invoices/{answer['invoice_id']}").ok()["status"] == "paid"
    assert api.get(f"/invoices/{second['id']}").ok()["refund_due"] == "34.40"


def test_a_dry_run_answers_as_the_change_and_writes_nothing(api: Client, at: Clock, aws: AwsCalls) -> None:
    made = example(api, at, action="finalize")
    wanted = price(made["items"][0], "99.00")
    before = now_of(api, made)
    with aws.only("change_subscription") as calls:
        planned = change(api, made, wanted, dry_run=True).ok()
    assert "dynamodb:TransactWriteItems" not in calls.names
    assert now_of(api, made) == before
    answer = change(api, made, wanted).ok()
    ids = ("id", "invoice_id", "credit_note_ids")
    assert {name: planned[name] for name in planned if name not in ids} == {
        name: answer[name] for name in answer if name not in ids
    }


def test_a_draft_is_recomputed_without_a_credit_note(api: Client, at: Clock) -> None:
    made = example(api, at)
    plan, seats = made["items"]
    answer = change(api, made, price(plan, "99.00"), quantity(seats, "3")).ok()
    assert (answer["credit_note_ids"], answer["invoice_id"]) == ([], None)
    [_, draft] = invoices(api, made)
    assert sorted((one["name"], one["net"]) for one in draft["lines"]) == [
        ("Arbeitsplatz, 3 ×, 16 von 31 Tagen", "18.58"),
        ("Arbeitsplatz, 5 ×, 15 von 31 Tagen", "29.03"),
        ("Wartung, 1 ×, 15 von 31 Tagen", "23.71"),
        ("Wartung, 1 ×, 16 von 31 Tagen", "51.10"),
    ]
    assert nets(answer) == ("0.00", "13.42", "13.42")
    [_, row] = periods(api, made)
    assert {one["line_id"] for one in row["items"]} == {one["id"] for one in draft["lines"]}


def test_later_changes_take_back_the_rest_of_a_line(api: Client, at: Clock) -> None:
    """Hazard 10: each credit follows from the billed amount and the days served, and not from the last charge."""
    made = example(api, at, action="finalize")
    plan, seats = made["items"]
    change(api, made, quantity(seats, "8")).ok()
    bill_at(api, at, "2026-03-20T12:00", made)
    assert nets(change(api, made, quantity(seats, "4")).ok()) == ("17.03", "0.00", "-17.03")
    change(api, made, price(plan, "99.00")).ok()
    assert nets(change(api, made, price(plan, "49.00")).ok()) == ("35.13", "17.39", "-17.74")
    [_, row] = periods(api, made)
    [newest] = [one for one in row["items"] if one["item_id"] == seats["id"] and one["invoice_id"]]
    assert (newest["quantity"], newest["reductions"]) == ("3", [{"start": "2026-03-20", "quantity": "0"}])
    assert newest["taken_back"] == "12.77"


def test_a_credit_by_hand_limits_the_amount_taken_back(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    [_, second] = invoices(api, made)
    line = second["lines"][0]
    api.post(f"/invoices/{second['id']}/credit", {"lines": [{"line_id": line["id"], "amount": "40.00"}]}).ok(201)
    assert nets(change(api, made, price(made["items"][0], "99.00")).ok()) == ("9.00", "51.10", "42.10")


def test_a_removed_item_is_credited_and_billed_no_more(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    plan, seats = made["items"]
    assert nets(change(api, made, {"op": "remove", "item_id": seats["id"]}).ok())[0] == "30.97"
    bill_at(api, at, "2026-03-31T12:00", made)
    newest = max((one for one in invoices(api, made) if one["type"] == "invoice"), key=lambda one: one["number"])
    assert [one["name"] for one in newest["lines"]] == ["Wartung"]
    last = change(api, made, {"op": "remove", "item_id": plan["id"]})
    assert last.code == "INVALID_STATE"


def test_added_items_are_charged_for_the_rest_of_the_period(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    fee = {"op": "add", "item": item_json("Einrichtung", "100.00", once=True)}
    hotline = {"op": "add", "item": item_json("Hotline", "31.00")}
    answer = change(api, made, fee, hotline).ok()
    charge = api.get(f"/invoices/{answer['invoice_id']}").ok()
    assert [one["net"] for one in charge["lines"]] == ["100.00", "16.00"]
    bill_at(api, at, "2026-03-31T12:00", made)
    newest = max((one for one in invoices(api, made) if one["type"] == "invoice"), key=lambda one: one["number"])
    assert [one["name"] for one in newest["lines"]] == ["Wartung", "Arbeitsplatz", "Hotline"]


def test_an_added_track_begins_on_the_day_of_the_change(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    yearly = item_json("Domain", "365.00", interval={"unit": "year"})
    answer = change(api, made, {"op": "add", "item": yearly}).ok()
    assert nets(answer) == ("0.00", "322.00", "322.00")
    assert {one["id"] for one in periods(api, made)} >= {"1y-advance.2026-03-15"}
    bill(api, made)
    assert len([one for one in invoices(api, made) if one["type"] == "invoice"]) == 3


def test_an_added_track_keeps_the_rule_about_occurrences(api: Client, at: Clock) -> None:
    made = example(api, at, occurrences={"max": 5})
    yearly = item_json("Domain", "365.00", interval={"unit": "year"})
    assert change(api, made, {"op": "add", "item": yearly}).json["errors"][0]["pointer"] == "/occurrences/max"


@pytest.mark.parametrize(
    ("row", "unit", "old", "on", "new", "expected"),
    [
        ("P25", {"unit": "month", "count": 3}, "300.00", "2025-02-15", "600.00", ("150.00", "450.00", "2025-05-15")),
        ("P36", {"unit": "month"}, "29.00", "2025-01-15", "99.00", ("15.90", "83.10", "2025-02-15")),
    ],
)
def test_a_restart_bills_a_full_period(
    api: Client, at: Clock, row: str, unit: dict[str, Any], old: str, on: str, new: str, expected: tuple[str, str, str]
) -> None:
    set_clock(at, "2025-01-01T12:00")
    made = subscribe(api, action="finalize", items=[item_json("Plan", old, interval=unit)])
    bill(api, made)
    set_clock(at, f"{on}T12:00")
    answer = change(api, made, price(made["items"][0], new), anchor="restart").ok()
    after = now_of(api, made)
    assert (nets(answer)[0], nets(answer)[2], after["tracks"][0]["next"]["start"]) == expected
    assert periods(api, made)[0]["end"] < on
    bill_at(api, at, f"{expected[2]}T12:00", made)
    assert [one["start"] for one in periods(api, made)] == ["2025-01-01", on, expected[2]]


def test_s03_a_downgrade_at_the_period_end_bills_nothing_now(api: Client, at: Clock) -> None:
    set_clock(at, "2026-01-01T12:00")
    made = subscribe(api, action="finalize", items=[item_json("Plan", "99.00")])
    bill(api, made)
    set_clock(at, "2026-01-15T12:00")
    answer = change(api, made, price(made["items"][0], "29.00"), at="period_end").ok()
    assert (answer["status"], answer["on"], nets(answer)) == ("scheduled", "2026-02-01", ("0.00", "0.00", "0.00"))
    preview = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"][0]["invoice"]
    bill_at(api, at, "2026-02-01T12:00", made)
    second = invoices(api, made)[1]
    assert preview["subtotal"] == second["subtotal"] == "29.00"
    assert [one["status"] for one in now_of(api, made)["changes"]] == ["in_force"]
    assert len(details("subscription.change_scheduled")) == len(details("subscription.changed")) == 1


def test_an_arrears_period_is_billed_by_the_terms_of_each_day(api: Client, at: Clock) -> None:
    """P02, P03: 100.00 up to 14 January, 200.00 from 15 January on."""
    set_clock(at, "2026-01-01T12:00")
    made = subscribe(api, items=[item_json("Plan", "100.00", timing="arrears")])
    set_clock(at, "2026-01-15T12:00")
    assert change(api, made, price(made["items"][0], "200.00")).ok()["status"] == "in_force"
    bill_at(api, at, "2026-02-01T12:00", made)
    [invoice] = invoices(api, made)
    assert [one["net"] for one in invoice["lines"]] == ["45.16", "109.68"]


def test_a_change_of_unbilled_days_applies_on_its_day(api: Client, at: Clock) -> None:
    set_clock(at, "2026-01-01T12:00")
    made = subscribe(api, items=[item_json("Plan", "100.00", timing="arrears")])
    change(api, made, quantity(made["items"][0], "3"), at="date", on="2026-01-15").ok()
    assert now_of(api, made)["items"][0]["quantity"] == "1"
    bill_at(api, at, "2026-01-15T12:00", made)
    assert now_of(api, made)["items"][0]["quantity"] == "3"
    assert len(details("subscription.changed")) == 1


def test_a_future_change_of_billed_days_is_settled_at_once(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    answer = change(api, made, price(made["items"][0], "99.00"), at="date", on="2026-03-21").ok()
    assert (answer["status"], nets(answer)) == ("in_force", ("15.81", "31.94", "16.13"))
    assert change(api, made, quantity(made["items"][0], "9")).code == "INVALID_STATE"
    assert nets(change(api, made, quantity(made["items"][1], "6")).ok()) == ("0.00", "6.19", "6.19")


def test_a_released_period_is_billed_again_without_added_lines(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    [_, second] = invoices(api, made)
    change(api, made, quantity(made["items"][1], "8")).ok()
    api.post(f"/invoices/{second['id']}/cancel").ok()
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-02-28", {"action": "bill"}).ok()
    [again] = [one for one in invoices(api, made) if one["number"] == "INV-2026-000004"]
    assert [(one["quantity"], one["net"]) for one in again["lines"]] == [
        ("1", "49.00"),
        ("75", "29.03"),
        ("80", "30.97"),
    ]
    [_, row] = periods(api, made)
    assert row["status"] == "billed"
    assert sum(1 for one in row["items"] if one["invoice_id"]) == 1


def test_a_canceled_charge_is_not_taken_back_again(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    seats = made["items"][1]
    charge = change(api, made, quantity(seats, "8")).ok()["invoice_id"]
    for step in ("cancel", "reactivate", "cancel"):
        api.post(f"/invoices/{charge}/{step}").ok()
        assert [one["status"] for one in periods(api, made)] == ["billed", "billed"]
    assert nets(change(api, made, quantity(seats, "5")).ok()) == ("0.00", "0.00", "0.00")
    # It would bill 3 seats that the subscription no longer has.
    refused = api.post(f"/invoices/{charge}/reactivate")
    assert (refused.status, refused.code) == (409, "ALREADY_REBILLED")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [{"op": "add"}]}, "/items/0"),
        ({"items": [{"op": "set", "item_id": "{plan}"}]}, "/items/0"),
        ({"items": [{"op": "remove", "item_id": "{plan}"}] * 2}, "/items/1/item_id"),
        ({"items": [{"op": "remove", "item_id": "sit_00000000000000000000000000"}]}, "/items/0/item_id"),
        ({"items": [{"op": "set", "item_id": "{plan}", "quantity": "2"}], "at": "date"}, "/on"),
        ({"items": [{"op": "set", "item_id": "{fee}", "quantity": "2"}]}, "/items/0/item_id"),
    ],
)
def test_an_impossible_change_is_refused_by_pointer(api: Client, body: dict[str, Any], pointer: str) -> None:
    items = [item_json("Plan", "49.00"), item_json("Einrichtung", "10.00", once=True)]
    made = subscribe(api, items=items, term={"unit": "year"}, renewal={"mode": "end"})
    plan, fee = (one["id"] for one in made["items"])
    for one in body["items"]:
        if "item_id" in one:
            one["item_id"] = one["item_id"].format(plan=plan, fee=fee)
    answer = api.post(f"/subscriptions/{made['id']}/changes", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_closed_books_and_ended_subscriptions_are_refused(api: Client, at: Clock) -> None:
    made = example(api, at)
    api.patch("/tenant", {"books_closed_until": "2026-03-09"}).ok()
    answer = change(api, made, quantity(made["items"][1], "9"), at="date", on="2026-03-09")
    assert (answer.status, answer.code) == (422, "BOOKS_CLOSED")
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2026-12-31"}).ok()
    assert change(api, made, quantity(made["items"][1], "9"), at="date", on="2027-01-01").code == "INVALID_STATE"
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2026-03-14"}).ok()
    assert change(api, made, quantity(made["items"][1], "9")).code == "INVALID_STATE"


def test_a_restart_before_billed_periods_is_refused(api: Client, at: Clock) -> None:
    made = example(api, at)
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-31", {"action": "bill"}).ok()
    answer = change(api, made, price(made["items"][0], "99.00"), anchor="restart")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/anchor")


def test_a_restart_lengthens_no_billed_period(api: Client, at: Clock) -> None:
    """From 28 February on, 29 days are billed in full. Counted from 31 January, the period would have 31 days."""
    set_clock(at, "2026-01-29T12:00")
    made = subscribe(api, action="finalize", items=[item_json("Plan", "31.00")])
    bill(api, made)
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-02-28", {"action": "bill"}).ok()
    wanted = quantity(made["items"][0], "2")
    refused = change(api, made, wanted, at="date", on="2026-01-31", anchor="restart")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/anchor")


def test_an_added_item_of_a_new_track_is_billed_ahead(api: Client, at: Clock) -> None:
    """Its year begins on 20 April, and is billed five days before. The track shows it from the request on."""
    made = subscribe(api, action="finalize", items=[item_json("Plan", "31.00")], lead_days=5)
    bill(api, made)
    year = item_json("Jahr", "365.00", interval={"unit": "year"})
    answer = change(api, made, {"op": "add", "item": year}, at="date", on="2026-04-20").ok()
    ahead = {"start": "2026-04-20", "end": "2027-03-09", "bill_on": "2026-04-15"}
    tracks = {one["interval"]["unit"]: one["next"] for one in now_of(api, made)["tracks"]}
    assert (answer["status"], list(tracks), tracks["year"]) == ("scheduled", ["month", "year"], ahead)
    previewed = api.get(f"/subscriptions/{made['id']}/preview?count=2").ok()["invoices"]
    assert [one["bill_on"] for one in previewed] == ["2026-04-05", "2026-04-15"]
    bill_at(api, at, "2026-04-15T12:00", made)
    billed = invoices(api, made)[-1]
    assert [(one["name"], one["net"]) for one in billed["lines"]] == [("Jahr, 1 ×, 324 von 365 Tagen", "324.00")]
    assert billed["total"] == previewed[1]["invoice"]["total"]
    assert [one["status"] for one in now_of(api, made)["changes"]] == ["in_force"]


def test_a_deleted_addition_leaves_no_track(api: Client, at: Clock) -> None:
    made = subscribe(api, items=[item_json("Plan", "31.00")])
    week = item_json("Woche", "7.00", interval={"unit": "week"})
    added = change(api, made, {"op": "add", "item": week}, at="date", on="2026-04-20").ok()
    assert len(now_of(api, made)["tracks"]) == 2
    assert len(api.delete(f"/subscriptions/{made['id']}/changes/{added['id']}").ok()["tracks"]) == 1


def test_a_bill_that_wins_the_race_is_settled_too(api: Client, at: Clock) -> None:
    """Hazard 3: the change is decided again from the ledger, so that both orders end in the same amounts."""
    made = subscribe(api, action="finalize", items=[item_json("Plan", "31.00")], start_date="2026-03-10")
    with meanwhile(lambda: bill(api, made)):
        answer = change(api, made, price(made["items"][0], "62.00")).ok()
    assert nets(answer) == ("31.00", "62.00", "31.00")


def test_another_document_may_take_the_number(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    other = subscribe(api, action="finalize")
    with meanwhile(lambda: bill(api, other)):
        answer = change(api, made, price(made["items"][0], "99.00")).ok()
    assert api.get(f"/invoices/{answer['invoice_id']}").ok()["number"] == "INV-2026-000004"


@pytest.mark.parametrize("waits", [False, True], ids=["now", "waits"])
def test_days_between_billed_periods_are_charged(api: Client, at: Clock, waits: bool) -> None:
    """No item runs from 10 to 19 April, and the days from the 20th on are billed ahead. One is added from the 13th."""
    items = [item_json("Plan", "31.00"), item_json("Später", "30.00", start_date="2026-04-20")]
    made = subscribe(api, items=items, action="finalize")
    bill_at(api, at, "2026-03-10T12:00", made)
    change(api, made, {"op": "remove", "item_id": made["items"][0]["id"]}, at="date", on="2026-04-10").ok()
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-04-20", {"action": "bill"}).ok()
    added = {"op": "add", "item": item_json("Zusatz", "30.00")}
    change(api, made, added, at="date", on="2026-04-13", **({"bill": "next_invoice"} if waits else {})).ok()
    bill_at(api, at, "2026-05-10T12:00", made)
    assert sum(Decimal(one["subtotal"]) for one in invoices(api, made)) == Decimal("31.00") + 20 + 7 + 20 + 60
    assert [one["start"] for one in periods(api, made)] == ["2026-03-10", "2026-04-13", "2026-04-20", "2026-05-10"]
