"""Changes inside billed periods: no day is given away, billed twice, or billed after the end."""

from decimal import Decimal
from typing import Any

import pytest

from tests.builders import customer_json, item_json
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.events import details
from tests.functions.subscriptions.test_change_subscription import change, nets, price, quantity, set_clock
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe


def march(api: Client, at: Clock, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A subscription that is billed from 10 March to 9 April, on 15 March."""
    made = subscribe(api, items=list(items), **{"action": "finalize", **fields})
    bill(api, made)
    set_clock(at, "2026-03-15T12:00")
    return made


def test_an_item_that_begins_later_keeps_its_days(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"), item_json("Zusatz", "31.00", start_date="2026-03-25"))
    assert nets(change(api, made, quantity(made["items"][1], "2")).ok()) == ("0.00", "16.00", "16.00")


def test_nothing_is_charged_after_the_end(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"))
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2026-03-20"}).ok()
    assert nets(change(api, made, quantity(made["items"][0], "2")).ok()) == ("0.00", "6.00", "6.00")
    added = {"op": "add", "item": item_json("Zusatz", "31.00")}
    assert nets(change(api, made, added).ok()) == ("0.00", "6.00", "6.00")


@pytest.mark.parametrize(("stated", "of_line"), [(None, "-5"), ("8", "3")])
def test_a_quantity_is_positive_and_stated_once(api: Client, at: Clock, stated: str | None, of_line: str) -> None:
    made = march(api, at, item_json("Plan", "31.00", quantity="5"))
    wanted = price(made["items"][0], "31.00")
    wanted["line"]["quantity"] = of_line
    assert change(api, made, wanted | ({"quantity": stated} if stated else {})).status == 400


def test_items_added_to_a_free_period_are_charged(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00", first="free"), anchor={"day": 1})
    fee = {"op": "add", "item": item_json("Einrichtung", "100.00", once=True)}
    answer = change(api, made, fee, {"op": "add", "item": item_json("Zusatz", "31.00")}).ok()
    assert nets(answer) == ("0.00", "117.00", "117.00")


def test_two_changes_of_a_free_period_are_charged(api: Client, at: Clock) -> None:
    """The item of the first one is billed by its own invoice, and the period stays free."""
    made = march(api, at, item_json("Plan", "31.00", first="free"), anchor={"day": 1})
    for _ in range(2):
        answer = change(api, made, {"op": "add", "item": item_json("Zusatz", "31.00")}).ok()
        assert nets(answer) == ("0.00", "17.00", "17.00")


def test_a_fee_added_by_a_change_is_billed_once(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"))
    fee = {"op": "add", "item": item_json("Einrichtung", "100.00", once=True)}
    change(api, made, fee, {"op": "add", "item": item_json("Voll", "31.00", first="full")}).ok()
    [first] = [one for one in invoices(api, made) if one["number"] == "INV-2026-000001"]
    api.post(f"/invoices/{first['id']}/cancel").ok()
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}).ok()
    [again] = [one for one in invoices(api, made) if one["number"] == "INV-2026-000003"]
    assert [one["name"] for one in again["lines"]] == ["Plan"]


def test_a_discount_of_an_amount_is_granted_once(api: Client, at: Clock) -> None:
    plans = item_json("Plan", "31.00"), item_json("Zusatz", "31.00")
    made = march(api, at, *plans, discount={"amount": "20.00"})
    assert nets(change(api, made, quantity(made["items"][0], "2")).ok()) == ("0.00", "26.00", "26.00")


def test_a_changed_period_does_not_return_to_its_invoice(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00", quantity="5"))
    [first] = invoices(api, made)
    api.post(f"/invoices/{first['id']}/cancel").ok()
    change(api, made, quantity(made["items"][0], "2")).ok()
    assert api.post(f"/invoices/{first['id']}/reactivate").code == "ALREADY_REBILLED"


def test_a_scheduled_change_of_an_added_item_is_billed(api: Client, at: Clock) -> None:
    made = subscribe(api, items=[item_json("Plan", "30.00")], lead_days=5)
    bill(api, made)
    added = {"op": "add", "item": item_json("Zusatz", "30.00")}
    id_ = change(api, made, added, at="date", on="2026-04-10").ok()["items"][0]["item_id"]
    change(api, made, quantity({"id": id_}, "3"), at="date", on="2026-04-20").ok()
    bill_at(api, at, "2026-04-05T12:00", made)
    assert [one["net"] for one in invoices(api, made)[1]["lines"]] == ["30.00", "10.00", "60.00"]


def test_too_many_documents_are_refused_by_name(api: Client, at: Clock) -> None:
    made = subscribe(api, items=[item_json("Plan", "31.00", quantity="2")], action="finalize")
    bill_at(api, at, "2027-02-10T12:00", made)
    wanted = quantity(made["items"][0], "1")
    for dry_run in (True, False):
        refused = change(api, made, wanted, at="date", on="2026-03-10", dry_run=dry_run)
        assert (refused.status, refused.code) == (422, "DOCUMENT_TOO_LARGE")


def test_only_the_refund_of_the_change_is_used_up(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"), item_json("Zusatz", "200.00"))
    [first] = invoices(api, made)
    api.post(f"/invoices/{first['id']}/payments", {"amount": first["total"], "method": "bank_transfer"}).ok(201)
    by_hand = {"lines": [{"line_id": first["lines"][1]["id"], "amount": "200.00"}]}
    api.post(f"/invoices/{first['id']}/credit", by_hand).ok(201)
    answer = change(api, made, price(made["items"][0], "62.00")).ok()
    after, charge = (api.get(f"/invoices/{one}").ok() for one in (first["id"], answer["invoice_id"]))
    assert (charge["due"], after["refund_due"]) == ("30.94", "238.00")


def test_a_repeated_removal_gets_the_first_answer(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"), item_json("Zusatz", "31.00"))
    body = {"items": [{"op": "remove", "item_id": made["items"][1]["id"]}]}
    path, headers = f"/subscriptions/{made['id']}/changes", {"Idempotency-Key": "k"}
    once, again = (api.post(path, body, headers=headers) for _ in "ab")
    assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (200, once.text, "true")


def test_an_edited_quantity_of_a_draft_is_the_price_of_the_item(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"), action="draft")
    [draft] = invoices(api, made)
    line = {"quantity": "2", "unit_price": "20.00"}
    api.patch(f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}", line).ok()
    api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert nets(change(api, made, quantity(made["items"][0], "2")).ok())[0] == "33.55"


def test_a_full_price_is_shared_by_the_days_of_its_part(api: Client, at: Clock) -> None:
    """22 days at 2 × 31.00, of which 5 are served by 2 and 17 by 1: 62.00 − 14.09 − 23.95."""
    made = march(api, at, item_json("Plan", "31.00", first="full", quantity="2"), anchor={"day": 1})
    assert nets(change(api, made, quantity(made["items"][0], "1")).ok()) == ("23.96", "0.00", "-23.96")


def test_a_restart_needs_a_period_to_bill(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"), occurrences={"max": 1})
    refused = change(api, made, quantity(made["items"][0], "2"), anchor="restart")
    assert refused.code == "INVALID_STATE"


TIERS: dict[str, Any] = {"model": "graduated", "amounts": {"EUR": {"tiers": [
    {"up_to": "10", "unit_amount": "10.00", "flat_amount": "31.00"}, {"up_to": None, "unit_amount": "8.00"}
]}}}  # fmt: skip


@pytest.mark.parametrize(("action", "left"), [("finalize", "147.00"), ("draft", "23.71")])
def test_a_removed_price_is_billed_for_the_days_served(api: Client, at: Clock, action: str, left: str) -> None:
    """12 units are 31.00 + 100.00 + 16.00 a month; 5 of 31 days are 5.00 + 16.13 + 2.58."""
    priced = {"price_id": new_price(api, **TIERS), "quantity": "12"}
    made = march(api, at, priced, item_json("Plan", "31.00"), action=action)
    answer = change(api, made, {"op": "remove", "item_id": made["items"][0]["id"]}).ok()
    [first, *notes] = invoices(api, made)
    lines = [Decimal(one["net"]) for one in first["lines"] if one["name"] != "Plan"]
    assert nets(answer)[2] == "-123.29"
    assert (str(sum(lines)), len(notes)) == (left, 1 if action == "finalize" else 0)


@pytest.mark.parametrize("action", ["finalize", "draft"])
def test_prices_are_credited_after_the_end(api: Client, at: Clock, action: str) -> None:
    made = march(api, at, {"price_id": new_price(api, **TIERS), "quantity": "12"}, action=action)
    path = f"/subscriptions/{made['id']}/cancellation"
    api.put(path, {"at": "date", "on": "2026-03-14", "refund": "credit"}).ok()
    bill(api, made)
    [first, *notes] = invoices(api, made)
    assert [one["subtotal"] for one in (notes or [first])] == ["123.29" if notes else "23.71"]


def test_a_track_without_items_waits_for_the_next_one(api: Client, at: Clock) -> None:
    """The months in which no item ran are no periods, so that nothing is parked."""
    yearly = item_json("Domain", "365.00", interval={"unit": "year"})
    made = march(api, at, yearly, item_json("Plan", "31.00", end_date="2026-04-09"))
    bill_at(api, at, "2027-06-15T12:00", made)
    answer = change(api, made, {"op": "add", "item": item_json("Zusatz", "30.00")}).ok()
    assert nets(answer)[1] == "25.00"
    bill_at(api, at, "2027-07-10T12:00", made)
    assert now_of(api, made)["attention"] is None
    monthly = [one["id"] for one in periods(api, made) if one["id"].startswith("1m")]
    assert monthly == ["1m-advance.2026-03-10", "1m-advance.2027-06-15", "1m-advance.2027-07-10"]


@pytest.mark.parametrize(("later", "charged"), [(None, "20.00"), ("2026-04-04", "15.00")])
def test_a_later_end_charges_the_rest_of_an_addition(api: Client, at: Clock, later: str | None, charged: str) -> None:
    made = march(api, at, item_json("Plan", "31.00"))
    path = f"/subscriptions/{made['id']}/cancellation"
    api.put(path, {"at": "date", "on": "2026-03-20"}).ok()
    change(api, made, quantity(made["items"][0], "2")).ok()
    _ = api.put(path, {"at": "date", "on": later}).ok() if later else api.delete(path).ok()
    assert [one["subtotal"] for one in invoices(api, made)] == ["31.00", "6.00", charged]
    assert change(api, made, quantity(made["items"][0], "1")).code == "INVALID_STATE"
    answer = change(api, made, quantity(made["items"][0], "1"), at="date", on="2026-03-21").ok()
    assert nets(answer) == (charged, "0.00", f"-{charged}")


@pytest.mark.parametrize("waits", [False, True])
def test_a_revoked_end_charges_periods_billed_ahead(api: Client, at: Clock, waits: bool) -> None:
    """The period from 10 April on was billed ahead: an added item and more quantity have a whole month of it."""
    item = item_json("Später", "30.00", start_date="2026-04-01")
    made = march(api, at, item_json("Plan", "31.00"), item)
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-04-10", {"action": "bill"}).ok()
    path = f"/subscriptions/{made['id']}/cancellation"
    api.put(path, {"at": "date", "on": "2026-03-20"}).ok()
    bill_later = {"bill": "next_invoice"} if waits else {}
    change(
        api, made, {"op": "add", "item": item_json("Zusatz", "31.00")}, quantity(made["items"][1], "2"), **bill_later
    )
    last = api.get(f"/invoices/{api.delete(path).ok()['changes'][-1]['invoice_id']}").ok()
    # 9 of 31 days and the month of the later item; 20 of 31 days, unless they wait, and the month of the added one.
    assert sorted(line["net"] for line in last["lines"]) == sorted(
        ["8.71", "30.00", "31.00", *([] if waits else ["20.00"])]
    )
    bill_at(api, at, "2026-05-10T12:00", made)
    assert sum(Decimal(one["subtotal"]) for one in invoices(api, made)) == Decimal("318.42")


def test_a_restart_on_the_first_day_keeps_a_full_first_price(api: Client, at: Clock) -> None:
    """The draft from 10 March on has only the item that begins on the 20th: 21 days share its price."""
    whole = item_json("Voll", "31.00", first="full", start_date="2026-03-20")
    items = [item_json("Plan", "31.00"), whole]
    made = march(api, at, *items, start_date="2026-02-10", catch_up="none", action="draft")
    plan, late = made["items"]
    day = {"at": "date", "on": "2026-03-10"}
    change(api, made, {"op": "remove", "item_id": plan["id"]}, **day).ok()
    assert nets(change(api, made, quantity(late, "2"), anchor="restart", **day).ok())[1] == "31.00"
    assert [one["subtotal"] for one in invoices(api, made)] == ["62.00"]


@pytest.mark.parametrize("added", [False, True], ids=["ahead", "added"])
def test_a_restart_bills_no_fee_twice(api: Client, at: Clock, added: bool) -> None:
    """The period before the restart bills it, also if it begins later or on the same day."""
    fee, plan = item_json("Einrichtung", "100.00", once=True), item_json("Plan", "31.00")
    made = march(api, at, plan, *([] if added else [fee | {"start_date": "2026-03-25"}]))
    if added:
        change(api, made, {"op": "add", "item": fee}).ok()
    change(api, made, quantity(made["items"][0], "2"), anchor="restart").ok()
    assert fees(api, made) == 1
    first = next(one for one in invoices(api, made) if one["number"] == "INV-2026-000001")
    api.post(f"/invoices/{first['id']}/cancel").ok()
    again = api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}).ok()
    assert (again["end"], len(again["items"]), fees(api, made)) == ("2026-03-14", 2, 1)


def fees(api: Client, subscription: dict[str, Any]) -> int:
    """How often the fee is billed, without canceled invoices."""
    counted = [one for one in invoices(api, subscription) if one["type"] == "invoice" and one["status"] != "canceled"]
    return sum(line["name"] == "Einrichtung" for one in counted for line in one["lines"])


@pytest.mark.parametrize("by", ["change", "end"])
def test_a_credit_note_of_a_change_cannot_be_voided(api: Client, at: Clock, by: str) -> None:
    """The seats that a later change adds would be charged, although their first invoice would be owed in full."""
    made = march(api, at, item_json("Seat", "31.00", quantity="5"))
    if by == "change":
        [note] = change(api, made, quantity(made["items"][0], "3")).ok()["credit_note_ids"]
    else:
        api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "now", "refund": "credit"}).ok()
        bill_at(api, at, "2026-03-16T12:00")
        [note] = now_of(api, made)["cancellation"]["credit_note_ids"]
    refused = api.post(f"/invoices/{note}/cancel")
    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    assert "cancel" not in refused.json["allowed_actions"]


def test_a_credit_note_by_hand_can_be_voided_after_a_change(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Seat", "31.00", quantity="5"))
    [invoice] = invoices(api, made)
    part = {"lines": [{"line_id": invoice["lines"][0]["id"], "amount": "1.00"}]}
    note = api.post(f"/invoices/{invoice['id']}/credit", part).ok(201)
    change(api, made, quantity(made["items"][0], "3")).ok()
    api.post(f"/invoices/{note['id']}/cancel").ok()


def test_a_draft_without_lines_is_deleted_at_an_end(api: Client, at: Clock) -> None:
    """An invoice of 0.00 without lines bills nothing. Its period is skipped, and counted once."""
    made = subscribe(api, start_date="2026-03-12", lead_days=10)
    bill(api, made)
    [draft] = invoices(api, made)
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "now", "refund": "credit"}).ok()
    bill_at(api, at, "2026-03-12T12:00", made)
    assert api.get(f"/invoices/{draft['id']}").status == 404
    [period] = periods(api, made)
    assert (period["status"], period["invoice_id"], period["items"]) == ("skipped", None, [])
    after = now_of(api, made)
    assert (after["status"], after["occurrences"]["done"]) == ("ended", 1)
    assert len(details("invoice.deleted")) == 1


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_refused_draft_without_lines_is_deleted_by_a_change(api: Client, at: Clock, dry_run: bool) -> None:
    """Its subscription does not wait for it any more."""
    customer = api.post("/customers", customer_json(address=None)).ok(201)["id"]
    yearly = item_json("Jahr", "12.00", interval={"unit": "year"}, timing="arrears")
    items = [item_json("Wartung", "500.00"), yearly]
    made = subscribe(api, customer_id=customer, items=items, action="finalize")
    bill(api, made)
    [draft] = invoices(api, made)
    assert now_of(api, made)["attention"]["invoice_id"] == draft["id"]
    change = {"items": [{"op": "remove", "item_id": made["items"][0]["id"]}], "at": "now", "dry_run": dry_run}
    answer = api.post(f"/subscriptions/{made['id']}/changes", change).ok()
    assert answer["charge"]["net"] == "-500.00"
    assert (api.get(f"/invoices/{draft['id']}").status == 404, now_of(api, made)["attention"] is None) == (
        not dry_run,
        not dry_run,
    )
    assert [one["status"] for one in periods(api, made)] == (["draft"] if dry_run else ["skipped"])


@pytest.mark.parametrize("action", ["draft", "finalize"])
@pytest.mark.parametrize("wanted", ["3", "8"])
def test_a_waived_line_stays_waived(api: Client, at: Clock, wanted: str, action: str) -> None:
    """A user set its quantity to zero. Fewer seats take nothing back, and 3 more seats are 80.52 for 26 of 31 days."""
    made, _ = waived(api, at, finalized=action == "finalize")
    answer = change(api, made, quantity(made["items"][0], wanted)).ok()
    assert nets(answer) == {"3": ("0.00", "0.00", "0.00"), "8": ("0.00", "80.52", "80.52")}[wanted]


def test_an_end_takes_back_nothing_of_a_waived_line(api: Client, at: Clock) -> None:
    made, draft = waived(api, at, finalized=True)
    path = f"/subscriptions/{made['id']}/cancellation"
    end = {"at": "date", "on": "2026-03-16", "refund": "credit"}
    assert api.put(path, end | {"dry_run": True}).ok()["billed_after_end"]["credit"]["net"] == "0.00"
    api.put(path, end).ok()
    bill_at(api, at, "2026-03-17T12:00", made)
    assert (now_of(api, made)["status"], [one["id"] for one in invoices(api, made)]) == ("ended", [draft])


def waived(api: Client, at: Clock, *, finalized: bool) -> tuple[dict[str, Any], str]:
    """A subscription of 5 seats whose line is waived with the quantity 0, on 15 March, and the id of its invoice."""
    made = march(api, at, item_json("Seat", "32.00", quantity="5"), action="draft")
    [draft] = invoices(api, made)
    path = f"/invoices/{draft['id']}"
    api.patch(f"{path}/lines/{draft['lines'][0]['id']}", {"quantity": "0"}).ok()
    if finalized:
        api.post(f"{path}/finalize").ok()
    return made, draft["id"]


@pytest.mark.parametrize("on", ["2026-03-10", "2026-03-15"])
def test_a_skipped_period_is_not_billed_for_a_replacement(api: Client, at: Clock, on: str) -> None:
    """The removed item was to be billed, so the period had no invoice because a user skipped it."""
    made = subscribe(api, items=[item_json("Plan", "31.00")], action="finalize")
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "skip"}).ok()
    set_clock(at, "2026-03-15T12:00")
    removed = {"op": "remove", "item_id": made["items"][0]["id"]}
    answer = change(api, made, removed, {"op": "add", "item": item_json("Zusatz", "62.00")}, at="date", on=on).ok()
    assert (nets(answer), invoices(api, made)) == (("0.00", "0.00", "0.00"), [])


@pytest.mark.parametrize("by", ["change", "end"])
def test_a_period_whose_draft_a_change_deletes_is_skipped(api: Client, at: Clock, by: str) -> None:
    """Its event names it, as for each other period without an invoice."""
    plan, usage = item_json("Plan", "31.00"), item_json("Verbrauch", "1.00", timing="arrears")
    made = subscribe(api, items=[plan, usage], lead_days=20)
    bill(api, made)
    bill_at(api, at, "2026-03-21T12:00", made)
    ahead = "1m-advance.2026-04-10"
    if by == "change":
        removed = {"op": "remove", "item_id": made["items"][0]["id"]}
        change(api, made, removed, at="date", on="2026-04-10").ok()
    else:
        end = {"at": "date", "on": "2026-03-31", "refund": "credit"}
        api.put(f"/subscriptions/{made['id']}/cancellation", end).ok()
        bill_at(api, at, "2026-04-01T12:00", made)
        bill_at(api, at, "2026-04-01T13:00", made)
    [period] = [one for one in periods(api, made) if one["id"] == ahead]
    assert (period["status"], period["invoice_id"]) == ("skipped", None)
    skipped = [one["data"]["details"]["periods"] for one in details("subscription.period_skipped")]
    assert skipped == [[ahead]]


@pytest.mark.parametrize("withdrawn", [False, True])
def test_days_after_the_end_are_credited_after_a_bill_by_hand(api: Client, at: Clock, withdrawn: bool) -> None:
    """The invoice of the period is canceled, and that of a change in it stays with its days after the end."""
    made = march(api, at, item_json("Plan", "31.00"), item_json("Platz", "31.00"))
    [first] = invoices(api, made)
    charge = change(api, made, quantity(made["items"][1], "2")).ok()["invoice_id"]
    api.post(f"/invoices/{first['id']}/cancel").ok()
    end = f"/subscriptions/{made['id']}/cancellation"
    api.put(end, {"at": "date", "on": "2026-03-20", "refund": "credit"}).ok()
    again = api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}).ok()
    assert api.get(f"/invoices/{again['invoice_id']}").ok()["subtotal"] == "22.00"
    if withdrawn:
        api.delete(end).ok()
    bill_at(api, at, "2026-03-21T12:00", made)
    bills = [one for one in invoices(api, made) if one["type"] == "invoice" and one["status"] != "canceled"]
    credited = {one["id"]: one["credited"] for one in bills if one["credited"] != "0.00"}
    assert credited == ({} if withdrawn else {charge: "23.80"})
    assert sorted(one["subtotal"] for one in bills) == ["22.00", "26.00", *(["40.00"] if withdrawn else [])]
    bill_at(api, at, "2026-04-10T12:00", made)
    assert len([one for one in invoices(api, made) if one["type"] == "invoice"]) == (5 if withdrawn else 3)
