"""Charges of changes with bill=next_invoice: the next invoice bills the difference to the terms of that day."""

from decimal import Decimal
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.billing import begun, bill_due, step, worked
from tests.builders import item_json
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.events import deliver_raw
from tests.faults.deaths import Moment, dies_at
from tests.functions.subscriptions.test_change_subscription import (
    change,
    example,
    nets,
    price,
    quantity,
    set_clock,
)
from tests.gateway import Client
from tests.races import meanwhile
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe

ROW = "1m-advance.2026-02-28"
WAITS = {"bill": "next_invoice"}


def lines(invoice: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["name"], one["net"]) for one in invoice["lines"]]


def owed(api: Client, made: dict[str, Any]) -> Decimal:
    """The net amount of all documents of a subscription."""
    return sum(
        (Decimal(one["subtotal"]) * (1 if one["type"] == "invoice" else -1) for one in invoices(api, made)), Decimal(0)
    )


def last_invoice(api: Client, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = [one for one in invoices(api, made) if one["type"] == "invoice"][-1]
    return found


def upgraded(api: Client, at: Clock, **fields: object) -> dict[str, Any]:
    """The contract's example, whose charges wait from 15 March on."""
    made = example(api, at, **{"action": "finalize", **fields})
    plan, seats = made["items"]
    change(api, made, price(plan, "99.00"), quantity(seats, "8"), **WAITS).ok()
    return made


def test_the_example_waits_for_the_next_invoice(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    plan, seats = made["items"]
    items = [price(plan, "99.00"), quantity(seats, "8")]
    before = now_of(api, made)
    planned = change(api, made, *items, **WAITS, dry_run=True).ok()
    assert now_of(api, made) == before
    answer = change(api, made, *items, **WAITS).ok()
    assert nets(answer) == nets(planned) == ("25.29", "69.68", "44.39")
    assert (answer["bill"], answer["invoice_id"], len(answer["credit_note_ids"])) == ("next_invoice", None, 1)
    assert [one["type"] for one in invoices(api, made)] == ["invoice", "invoice", "credit_note"]
    waiting = now_of(api, made)["waiting_charges"]
    assert [(one["period"], one["item_id"]) for one in waiting] == [(ROW, plan["id"]), (ROW, seats["id"])]
    previewed = api.get(f"/subscriptions/{made['id']}/preview?count=2").ok()["invoices"]
    bill_at(api, at, "2026-03-31T12:00", made)
    billed = last_invoice(api, made)
    assert lines(billed) == [
        ("Wartung", "99.00"),
        ("Arbeitsplatz", "96.00"),
        ("Wartung, 1 ×, 16 von 31 Tagen", "51.10"),
        ("Arbeitsplatz, 3 ×, 16 von 31 Tagen", "18.58"),
    ]
    assert lines(previewed[0]["invoice"]) == lines(billed)
    assert previewed[0]["invoice"]["total"] == billed["total"]
    assert now_of(api, made)["waiting_charges"] == []
    assert [one["invoice_id"] for one in periods(api, made)[1]["items"]][-2:] == [billed["id"]] * 2
    bill_at(api, at, "2026-04-30T12:00", made)
    assert lines(last_invoice(api, made)) == lines(previewed[1]["invoice"]) == lines(billed)[:2]


def test_a_second_change_counts_before_they_are_billed(api: Client, at: Clock) -> None:
    made = upgraded(api, at)
    plan, seats = made["items"]
    set_clock(at, "2026-03-20T12:00")
    assert nets(change(api, made, quantity(seats, "6"), **WAITS).ok()) == ("0.00", "4.26", "4.26")
    assert nets(change(api, made, {"op": "remove", "item_id": plan["id"]}, **WAITS).ok())[0] == "0.00"
    bill_at(api, at, "2026-03-31T12:00", made)
    assert lines(last_invoice(api, made)) == [
        ("Arbeitsplatz", "72.00"),
        ("Wartung, 1 ×, 5 von 31 Tagen", "15.97"),
        ("Arbeitsplatz, 3 ×, 5 von 31 Tagen", "5.81"),
        ("Arbeitsplatz, 1 ×, 11 von 31 Tagen", "4.26"),
    ]


def test_a_change_that_is_taken_back_leaves_nothing(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    seats = made["items"][1]
    change(api, made, quantity(seats, "8"), **WAITS).ok()
    change(api, made, quantity(seats, "5")).ok()
    bill_at(api, at, "2026-03-31T12:00", made)
    assert lines(last_invoice(api, made)) == [("Wartung", "49.00"), ("Arbeitsplatz", "60.00")]


def test_without_a_next_invoice_the_end_bills_them(api: Client, at: Clock) -> None:
    """It ends on 20 March: six of the sixteen days are charged, on the day after."""
    made = upgraded(api, at)
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2026-03-20"}).ok()
    bill_at(api, at, "2026-03-20T20:00", made)
    assert len(invoices(api, made)) == 3
    assert api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"][0]["bill_on"] == "2026-03-21"
    bill_at(api, at, "2026-03-21T12:00", made)
    assert lines(last_invoice(api, made)) == [
        ("Wartung, 1 ×, 6 von 31 Tagen", "19.16"),
        ("Arbeitsplatz, 3 ×, 6 von 31 Tagen", "6.97"),
    ]
    assert (now_of(api, made)["status"], now_of(api, made)["waiting_charges"]) == ("ended", [])
    bill_at(api, at, "2026-04-20T12:00", made)
    assert len(invoices(api, made)) == 4


def test_an_end_that_is_withdrawn_bills_the_whole_period(api: Client, at: Clock) -> None:
    made = upgraded(api, at)
    path = f"/subscriptions/{made['id']}/cancellation"
    api.put(path, {"at": "date", "on": "2026-03-20"}).ok()
    api.delete(path).ok()
    bill_at(api, at, "2026-03-31T12:00", made)
    assert lines(last_invoice(api, made))[2:] == [
        ("Wartung, 1 ×, 16 von 31 Tagen", "51.10"),
        ("Arbeitsplatz, 3 ×, 16 von 31 Tagen", "18.58"),
    ]


def test_no_clock_bills_canceled_charges_again(api: Client, at: Clock) -> None:
    made = upgraded(api, at)
    bill_at(api, at, "2026-03-31T12:00", made)
    billed = last_invoice(api, made)
    api.post(f"/invoices/{billed['id']}/cancel", {"reason": "other"}).ok()
    bill_at(api, at, "2026-04-30T12:00", made)
    assert lines(last_invoice(api, made)) == lines(billed)[:2]
    again = api.post(f"/subscriptions/{made['id']}/periods/{ROW}", {"action": "bill"}).ok()
    assert lines(api.get(f"/invoices/{again['items'][-1]['invoice_id']}").ok()) == lines(billed)[2:]


def canceled_charges(api: Client, at: Clock) -> tuple[dict[str, Any], dict[str, Any]]:
    """Seats of a change that waits, of which a second change bills 4 now, on an invoice that is canceled."""
    made = example(api, at, action="finalize")
    seats = made["items"][1]
    change(api, made, quantity(seats, "8"), **WAITS).ok()
    set_clock(at, "2026-03-20T12:00")
    charge = change(api, made, quantity(seats, "9")).ok()["invoice_id"]
    canceled: dict[str, Any] = api.post(f"/invoices/{charge}/cancel", {"reason": "other"}).ok()
    return made, canceled


def test_released_lines_do_not_wait_for_the_next_invoice(api: Client, at: Clock) -> None:
    """It bills the days before the second change. The others return with their invoice."""
    made, canceled = canceled_charges(api, at)
    bill_at(api, at, "2026-03-31T12:00", made)
    assert [net for _, net in lines(last_invoice(api, made))] == ["49.00", "108.00", "5.81"]
    api.post(f"/invoices/{canceled['id']}/reactivate").ok()
    billed = [one for one in periods(api, made)[1]["items"] if one["invoice_id"]]
    assert [(one["net"], one["released"]) for one in billed] == [("17.03", False), ("5.81", False)]


def test_released_lines_are_billed_by_hand_with_charges(api: Client, at: Clock) -> None:
    made, canceled = canceled_charges(api, at)
    again = api.post(f"/subscriptions/{made['id']}/periods/{ROW}", {"action": "bill"}).ok()
    added = [(one["net"], one["invoice_id"] == canceled["id"]) for one in again["items"] if one["invoice_id"]]
    assert added == [("5.81", False), ("17.03", False)]
    refused = api.post(f"/invoices/{canceled['id']}/reactivate")
    assert refused.code == "ALREADY_REBILLED"
    bill_at(api, at, "2026-03-31T12:00", made)
    assert [net for _, net in lines(last_invoice(api, made))] == ["49.00", "108.00"]


@pytest.mark.parametrize("bills", ["now", "next_invoice"])
def test_a_change_of_released_lines_charges_from_its_day(api: Client, at: Clock, bills: str) -> None:
    """The days before it are left to a user, with either bill."""
    made, _ = canceled_charges(api, at)
    bill_at(api, at, "2026-03-26T12:00", made)
    answer = change(api, made, quantity(made["items"][1], "10"), bill=bills).ok()
    assert nets(answer) == ("0.00", "9.68", "9.68")
    bill_at(api, at, "2026-03-31T12:00", made)
    added = [one for one in periods(api, made)[1]["items"] if one["invoice_id"] and not one["released"]]
    assert sorted(one["net"] for one in added) == ["5.81", "9.68"]
    again = api.post(f"/subscriptions/{made['id']}/periods/{ROW}", {"action": "bill"}).ok()
    [rest] = lines(api.get(f"/invoices/{again['items'][-1]['invoice_id']}").ok())
    assert rest == ("Arbeitsplatz, 4 ×, 6 von 31 Tagen", "9.29")


def test_a_canceled_period_is_billed_with_its_charges(api: Client, at: Clock) -> None:
    """The next invoice leaves them out, and the period is billed by hand at its terms."""
    made = example(api, at, action="finalize")
    seats = made["items"][1]
    change(api, made, quantity(seats, "8"), **WAITS).ok()
    api.post(f"/invoices/{last_invoice(api, made)['id']}/cancel", {"reason": "other"}).ok()
    assert [one["released"] for one in now_of(api, made)["waiting_charges"]] == [True]
    bill_at(api, at, "2026-03-31T12:00", made)
    assert lines(last_invoice(api, made)) == [("Wartung", "49.00"), ("Arbeitsplatz", "96.00")]
    again = api.post(f"/subscriptions/{made['id']}/periods/{ROW}", {"action": "bill"}).ok()
    assert lines(api.get(f"/invoices/{again['invoice_id']}").ok()) == [
        ("Wartung", "49.00"),
        ("Arbeitsplatz, 5 ×, 15 von 31 Tagen", "29.03"),
        ("Arbeitsplatz, 8 ×, 16 von 31 Tagen", "49.55"),
    ]
    assert now_of(api, made)["waiting_charges"] == []


@pytest.mark.parametrize(("action", "charged"), [("bill", ["51.10", "18.58"]), ("skip", ["49.00", "60.00"])])
def test_they_can_be_billed_or_skipped_by_hand(api: Client, at: Clock, action: str, charged: list[str]) -> None:
    made = upgraded(api, at)
    api.post(f"/subscriptions/{made['id']}/periods/{ROW}", {"action": action}).ok()
    assert now_of(api, made)["waiting_charges"] == []
    assert [net for _, net in lines(last_invoice(api, made))] == charged
    bill_at(api, at, "2026-03-31T12:00", made)
    assert [net for _, net in lines(last_invoice(api, made))] == ["99.00", "96.00"]


def test_an_item_that_is_billed_once_waits_too(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    item = item_json("Einrichtung", "150.00", once=True)
    assert nets(change(api, made, {"op": "add", "item": item}, **WAITS).ok()) == ("0.00", "150.00", "150.00")
    bill_at(api, at, "2026-03-31T12:00", made)
    assert lines(last_invoice(api, made))[2:] == [("Einrichtung", "150.00")]
    bill_at(api, at, "2026-04-30T12:00", made)
    assert len(lines(last_invoice(api, made))) == 2


def test_a_free_first_period_is_charged_with_the_next_invoice(api: Client, at: Clock) -> None:
    """The period has no invoice of its own."""
    free = item_json("Wartung", "50.00", first="free", start_date="2026-03-10")
    made = subscribe(api, action="finalize", anchor={"day": 1}, items=[free])
    bill(api, made)
    change(api, made, {"op": "add", "item": item_json("Zusatz", "31.00")}, **WAITS).ok()
    bill(api, made)
    assert invoices(api, made) == []
    bill_at(api, at, "2026-04-01T12:00", made)
    assert [net for _, net in lines(last_invoice(api, made))] == ["50.00", "31.00", "22.00"]
    assert now_of(api, made)["occurrences"]["done"] == 1


def test_a_change_during_the_bill_is_not_lost(api: Client, at: Clock) -> None:
    made = example(api, at, action="finalize")
    seats = made["items"][1]
    change(api, made, quantity(seats, "8"), **WAITS).ok()
    set_clock(at, "2026-03-31T12:00")
    with meanwhile(lambda: change(api, made, quantity(seats, "9"), at="date", on="2026-03-20", **WAITS).ok()):
        bill_due(api)
    assert [net for _, net in lines(last_invoice(api, made))] == ["49.00", "108.00", "5.81", "17.03"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(1, 9))
def test_a_killed_worker_bills_them_once(api: Client, at: Clock, aws: AwsCalls, call: int, moment: Moment) -> None:
    made = upgraded(api, at)
    set_clock(at, "2026-03-31T12:00")
    run = api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    assert begun(run)
    with dies_at(call, moment, aws):
        deliver_raw("bill_units", step(run, api.tenant_id))
    assert worked(api, run)["status"] == "completed"
    assert [net for _, net in lines(last_invoice(api, made))] == ["99.00", "96.00", "51.10", "18.58"]
    assert len(invoices(api, made)) == 4


@pytest.mark.parametrize("catalogue", [False, True], ids=["line", "price"])
@pytest.mark.parametrize("change_of", ["quantity", "price"])
def test_a_full_first_period_is_shared_by_its_days(api: Client, at: Clock, change_of: str, catalogue: bool) -> None:
    """At once, with the next invoice, and by hand after the invoice of the change was canceled: the same lines.

    Of the 22 days at the full price, 11 have the new terms. Billed again after all was canceled, they cost the same.
    """
    found = []
    prices = [new_price(api, {"code": code}) for code in ("PLAN", "MORE")] if catalogue else []
    item = {"price_id": prices[0], "quantity": "5"} if prices else item_json("Arbeitsplatz", "12.00", quantity="5")
    for waits in (False, True):
        set_clock(at, "2026-03-10T12:00")
        made = subscribe(api, action="finalize", anchor={"day": 1}, items=[item | {"first": "full"}])
        bill(api, made)
        set_clock(at, "2026-03-21T12:00")
        [known] = made["items"]
        other = {"op": "set", "item_id": known["id"], "price_id": prices[1]} if prices else price(known, "20.00")
        wanted = other if change_of == "price" else quantity(known, "8")
        answer = change(api, made, wanted, bill="next_invoice" if waits else "now").ok()
        if waits:
            bill_at(api, at, "2026-04-01T12:00", made)
            found.append(lines(last_invoice(api, made))[1:])
        else:
            found.append(lines(api.get(f"/invoices/{answer['invoice_id']}").ok()))
            api.post(f"/invoices/{answer['invoice_id']}/cancel", {"reason": "other"}).ok()
            row = periods(api, made)[0]["id"]
            again = api.post(f"/subscriptions/{made['id']}/periods/{row}", {"action": "bill"}).ok()
            added = api.get(f"/invoices/{again['items'][-1]['invoice_id']}").ok()
            found.append(lines(added))
            before = owed(api, made)
            for one in (again["invoice_id"], added["id"]):
                api.post(f"/invoices/{one}/cancel", {"reason": "other"}).ok()
            api.post(f"/subscriptions/{made['id']}/periods/{row}", {"action": "bill"}).ok()
            assert owed(api, made) == before
    assert found[0] == found[1] == found[2] != []
    assert catalogue or found[0][-1][1] == {"quantity": "18.00", "price": "50.00"}[change_of]
