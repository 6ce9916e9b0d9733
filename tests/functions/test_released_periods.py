"""Deleting, canceling, correcting and reactivating an invoice changes the periods that it bills."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import item_json
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe

BILL = {"action": "bill"}
AGAIN = "1m-advance.2026-03-10"
"""The period that the tests bill again."""


@pytest.fixture
def billed(api: Client) -> dict[str, Any]:
    """A subscription with an issued invoice."""
    made = subscribe(api, action="finalize")
    bill(api, made)
    return made


def state(api: Client, subscription: dict[str, Any]) -> tuple[str, str | None]:
    [period] = periods(api, subscription)
    return period["status"], period["invoice_id"]


def test_a_cancellation_releases_and_a_reactivation_bills(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    assert state(api, billed) == ("released", None)
    [event] = details("subscription.period_released")
    assert event["data"]["details"] == {"periods": ["1m-advance.2026-03-10"], "invoice_id": invoice["id"]}
    api.post(f"/invoices/{invoice['id']}/reactivate").ok()
    assert state(api, billed) == ("billed", invoice["id"])


def test_no_clock_bills_a_released_period(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    bill(api, billed)
    assert [one["type"] for one in invoices(api, billed)] == ["invoice", "cancellation"]


def test_a_rebilled_period_prevents_a_reactivation(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    path = f"/subscriptions/{billed['id']}/periods/1m-advance.2026-03-10"
    again = api.post(path, BILL).ok()["invoice_id"]
    refused = api.post(f"/invoices/{invoice['id']}/reactivate")
    assert (refused.status, refused.code) == (409, "ALREADY_REBILLED")
    assert refused.json["allowed_actions"]
    assert "reactivate" not in refused.json["allowed_actions"]
    assert state(api, billed) == ("billed", again)


def test_a_correction_bills_the_period(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    correction = api.post(f"/invoices/{invoice['id']}/correct").ok(201)
    assert state(api, billed) == ("draft", correction["id"])
    assert correction["subscription_ids"] == [billed["id"]]
    [period] = api.get(f"/invoices/{correction['id']}/billing").ok()["periods"]
    lines = [(one["id"], one["net"], one["total"]) for one in correction["lines"]]
    assert [(one["line_id"], one["net"], one["total"]) for one in period["items"]] == lines
    api.delete(f"/invoices/{correction['id']}").ok(204)
    assert state(api, billed) == ("released", None)


def test_a_duplicate_bills_no_period(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    copy = api.post(f"/invoices/{invoice['id']}/duplicate").ok(201)
    assert copy["subscription_ids"] == []
    api.delete(f"/invoices/{copy['id']}").ok(204)
    assert state(api, billed) == ("billed", invoice["id"])


@pytest.mark.parametrize("canceled_when", ["billed", "rebilled"])
def test_a_period_billed_again_has_the_days_of_one_bill(api: Client, at: Clock, canceled_when: str) -> None:
    """The days up to the end and those after it are billed once each, whichever bill was canceled meanwhile."""
    made = subscribe(api, items=[item_json("Wartung", "31.00")])
    end = f"/subscriptions/{made['id']}/cancellation"
    again = f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10"
    if canceled_when == "billed":
        api.put(end, {"at": "date", "on": "2026-03-20"}).ok()
    bill(api, made)
    api.delete(f"/invoices/{invoices(api, made)[0]['id']}").ok(204)
    if canceled_when == "rebilled":
        api.put(end, {"at": "date", "on": "2026-03-20"}).ok()
        api.post(again, BILL).ok()
    api.delete(end).ok()
    if canceled_when == "billed":
        api.post(again, BILL).ok()
    bill_at(api, at, "2026-03-21T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["11.00", "20.00"]


def test_full_prices_of_other_invoices_are_not_billed_again(api: Client, at: Clock) -> None:
    """A fee and a full first price that a change billed stay on its invoice (rule 1)."""
    made = subscribe(api, action="finalize", items=[item_json("Plan", "31.00")])
    bill(api, made)
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    fee, whole = item_json("Fee", "100.00", once=True), item_json("Whole", "31.00", first="full")
    change(api, made, {"op": "add", "item": fee}, {"op": "add", "item": whole})
    first, charge = invoices(api, made)
    assert (first["subtotal"], charge["subtotal"]) == ("31.00", "131.00")
    assert bill_again(api, made, first)["subtotal"] == "31.00"


@pytest.mark.parametrize(
    ("billed", "again", "rebilled"), [("2", "3", "62.00"), ("3", "2", "76.09")], ids=["increased", "decreased"]
)
def test_a_full_price_is_billed_again_without_added_lines(
    api: Client, at: Clock, billed: str, again: str, rebilled: str
) -> None:
    """Of the quantity of each day, the invoice of the period bills all that changes did not add: 42.27 + 33.82."""
    items = [item_json("Seat", "31.00", quantity=billed, first="full")]
    made = subscribe(api, action="finalize", anchor={"day": 1}, items=items)
    bill(api, made)
    at.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": again})
    assert bill_again(api, made, invoices(api, made)[0])["subtotal"] == rebilled


def test_an_invoice_returns_only_to_its_own_bill(api: Client, billed: dict[str, Any]) -> None:
    """Another invoice billed the period in the meantime, so the ledger has the lines of that one."""
    [invoice] = invoices(api, billed)
    again = bill_again(api, billed, invoice)
    api.post(f"/invoices/{again['id']}/cancel").ok()
    require_refused(api, invoice)
    assert state(api, billed) == ("released", None)
    api.post(f"/invoices/{again['id']}/reactivate").ok()
    assert state(api, billed) == ("billed", again["id"])


def test_no_invoice_returns_to_days_billed_since(api: Client, at: Clock) -> None:
    """31.00 for a month that another invoice and the clock billed in parts of 11.00 and 20.00 would be billed twice."""
    made = subscribe(api, action="finalize", items=[item_json("Plan", "31.00")])
    bill(api, made)
    [invoice] = invoices(api, made)
    end = f"/subscriptions/{made['id']}/cancellation"
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    api.put(end, {"at": "date", "on": "2026-03-20"}).ok()
    again = api.post(f"/subscriptions/{made['id']}/periods/{AGAIN}", BILL).ok()["invoice_id"]
    assert api.post(f"/invoices/{again}/cancel").ok()["subtotal"] == "11.00"
    api.delete(end).ok()
    bill_at(api, at, "2026-03-21T12:00", made)
    assert invoices(api, made)[2]["subtotal"] == "20.00"
    require_refused(api, invoice)


@pytest.mark.parametrize("anchor", ["keep", "restart"])
def test_no_invoice_returns_after_a_change(api: Client, at: Clock, anchor: str) -> None:
    """Nothing would credit the seats and days that the change ended. Its period is billed by hand."""
    made = subscribe(api, action="finalize", items=[item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    [invoice] = invoices(api, made)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "2"}, anchor=anchor)
    require_refused(api, invoice)
    again = api.post(f"/subscriptions/{made['id']}/periods/{AGAIN}", BILL).ok()["invoice_id"]
    # 25.00 for the 5 days before the change, and 52.00 for the 26 days after it unless a new period bills them.
    assert api.get(f"/invoices/{again}").ok()["subtotal"] == {"keep": "77.00", "restart": "25.00"}[anchor]
    api.post(f"/invoices/{again}/cancel").ok()
    api.post(f"/invoices/{again}/reactivate").ok()


def test_an_invoice_returns_after_a_settled_change(api: Client, at: Clock) -> None:
    made = subscribe(api, action="finalize", items=[item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    [invoice] = invoices(api, made)
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "2"})
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    api.post(f"/invoices/{invoice['id']}/reactivate").ok()
    assert state(api, made) == ("billed", invoice["id"])


def test_an_invoice_returns_without_lines_removed_before(api: Client) -> None:
    """A user removed a line from the draft, so the invoice has only some of the lines in the ledger."""
    made = subscribe(api, items=[item_json("Plan", "31.00"), item_json("Seat", "12.00")])
    bill(api, made)
    [draft] = invoices(api, made)
    api.delete(f"/invoices/{draft['id']}/lines/{draft['lines'][1]['id']}").ok()
    for step in ("finalize", "cancel", "reactivate"):
        api.post(f"/invoices/{draft['id']}/{step}").ok()
    assert state(api, made) == ("billed", draft["id"])


def test_a_correction_bills_the_rest_after_changes(api: Client, at: Clock) -> None:
    """31.00 and 77.00 for 5 seats of 5 days and 2 of 26: the credit note of the change stays (rule 12)."""
    items = [item_json("Plan", "31.00"), item_json("Seat", "31.00", quantity="5")]
    made = subscribe(api, action="finalize", items=items)
    bill(api, made)
    [invoice] = invoices(api, made)
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][1]["id"], "quantity": "2"})
    draft = api.post(f"/invoices/{invoice['id']}/correct").ok(201)
    assert [(one["name"], one["quantity"], one["net"], one["period"]["start"]) for one in draft["lines"]] == [
        ("Plan", "1", "31.00", "2026-03-10"),
        ("Seat, 5 ×, 5 von 31 Tagen", "25", "25.00", "2026-03-10"),
        ("Seat, 2 ×, 26 von 31 Tagen", "52", "52.00", "2026-03-15"),
    ]
    api.post(f"/invoices/{draft['id']}/finalize").ok()
    at.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    change(api, made, {"op": "remove", "item_id": made["items"][1]["id"]})
    # 5 × 5 and 2 × 5 days of seats are left, 21 days of 2 are credited on the correction.
    sums = [Decimal(one["subtotal"]) * (1 if one["type"] == "invoice" else -1) for one in invoices(api, made)]
    assert sum(sums) == Decimal("66.00")
    again = api.post(f"/invoices/{draft['id']}/correct").ok(201)
    assert [(one["name"], one["net"]) for one in again["lines"]][1:] == [
        ("Seat, 5 ×, 5 von 31 Tagen", "25.00"),
        ("Seat, 2 ×, 5 von 31 Tagen", "10.00"),
    ]


def bill_again(api: Client, subscription: dict[str, Any], invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice that bills the period by hand after its own was canceled."""
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    row = api.post(f"/subscriptions/{subscription['id']}/periods/{periods(api, subscription)[0]['id']}", BILL).ok()
    again: dict[str, Any] = api.get(f"/invoices/{row['invoice_id']}").ok()
    return again


def require_refused(api: Client, invoice: dict[str, Any]) -> None:
    """The invoice cannot be reactivated: its period is billed otherwise."""
    refused = api.post(f"/invoices/{invoice['id']}/reactivate")
    assert (refused.status, refused.code) == (409, "ALREADY_REBILLED")


def change(api: Client, subscription: dict[str, Any], *items: dict[str, Any], **body: object) -> None:
    api.post(f"/subscriptions/{subscription['id']}/changes", {"items": list(items), **body}).ok()


def test_a_released_period_counts_once(api: Client, at: Clock) -> None:
    """Also if it is skipped in between. A period that is skipped first counts when it is billed."""
    made = subscribe(api, occurrences={"max": 3})
    bill(api, made)
    [draft] = invoices(api, made)
    api.delete(f"/invoices/{draft['id']}").ok(204)
    for period, done in (("2026-03-10", 1), ("2026-04-10", 2)):
        for action in ("skip", "bill"):
            api.post(f"/subscriptions/{made['id']}/periods/1m-advance.{period}", {"action": action}).ok()
        assert now_of(api, made)["occurrences"]["done"] == done


@pytest.mark.parametrize("step", ["cancel", "delete"])
def test_lines_of_a_change_are_billed_again_on_request(api: Client, at: Clock, step: str) -> None:
    """Its invoice is canceled, or its draft deleted. The period keeps its own invoice."""
    action = "finalize" if step == "cancel" else "draft"
    made = subscribe(api, action=action, items=[item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    first = invoices(api, made)[0]["id"]
    if action == "draft":
        api.post(f"/invoices/{first}/finalize").ok()
    at.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    fee = {"op": "add", "item": item_json("Fee", "100.00", once=True)}
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "8"}, fee)
    charge = api.get(f"/subscriptions/{made['id']}").ok()["changes"][0]["invoice_id"]
    if step == "delete":
        api.delete(f"/invoices/{charge}").ok(204)
    else:
        api.post(f"/invoices/{charge}/cancel").ok()
    assert [one["released"] for one in periods(api, made)[0]["items"]] == [False, True, True]
    bill_at(api, at, "2026-03-21T12:00", made)
    row = api.post(f"/subscriptions/{made['id']}/periods/{AGAIN}", BILL).ok()
    assert (row["status"], row["invoice_id"], [one["released"] for one in row["items"]]) == (
        "billed",
        first,
        [False] * 3,
    )
    again = api.get(f"/invoices/{row['items'][1]['invoice_id']}").ok()
    # 3 seats from 20 March to 9 April, and the fee.
    assert [one["net"] for one in again["lines"]] == ["63.00", "100.00"]
    assert api.post(f"/subscriptions/{made['id']}/periods/{AGAIN}", BILL).code == "PERIOD_BILLED"
    if step == "cancel":
        require_refused(api, {"id": charge})


def test_all_of_a_period_is_billed_again_after_all_cancellations(api: Client, at: Clock) -> None:
    """155.00 for 5 seats, and 63.00 for the 3 that a change added; none of the canceled invoices returns."""
    made = subscribe(api, action="finalize", items=[item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    [first] = invoices(api, made)
    at.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "8"})
    charge = invoices(api, made)[1]
    api.post(f"/invoices/{charge['id']}/cancel").ok()
    again = bill_again(api, made, first)
    assert again["subtotal"] == "218.00"
    require_refused(api, charge)
    require_refused(api, first)


def test_fewer_seats_than_released_are_billed_once(api: Client, at: Clock) -> None:
    """Of 3 released seats, one is left from 25 March on. A skip gives them up."""
    made = subscribe(api, action="finalize", items=[item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    for day, wanted in ((20, "8"), (25, "6")):
        at.now = datetime(2026, 3, day, 12, tzinfo=UTC)
        change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": wanted})
        if wanted == "8":
            charge = invoices(api, made)[1]
            api.post(f"/invoices/{charge['id']}/cancel").ok()
    require_refused(api, charge)
    assert [one["subtotal"] for one in invoices(api, made) if one["status"] == "open"] == ["155.00", "16.00"]
    path = f"/subscriptions/{made['id']}/periods/{AGAIN}"
    row = api.post(path, BILL).ok()
    assert [(one["quantity"], one["net"]) for one in row["items"]] == [("5", "155.00"), ("1", "16.00"), ("3", "15.00")]
    api.post(f"/invoices/{row['items'][2]['invoice_id']}/cancel").ok()
    assert [one["quantity"] for one in api.post(path, {"action": "skip"}).ok()["items"]] == ["5", "1"]


def test_periods_of_one_invoice_are_billed_together_again(api: Client) -> None:
    """A discount of an amount is granted once, not with each of them."""
    items = [item_json("Plan", "31.00"), item_json("Week", "10.00", interval={"unit": "week"})]
    made = subscribe(api, action="finalize", items=items, discount={"amount": "5.00", "reason": "Loyalty"})
    bill(api, made)
    [invoice] = invoices(api, made)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    path = f"/subscriptions/{made['id']}/periods"
    row = api.post(f"{path}/1w-advance.2026-03-10", BILL).ok()
    again = api.get(f"/invoices/{row['invoice_id']}").ok()
    assert (row["id"], sorted(one["name"] for one in again["lines"])) == ("1w-advance.2026-03-10", ["Plan", "Week"])
    assert (again["subtotal"], again["discount_amount"]) == (invoice["subtotal"], "5.00")
    assert api.post(f"{path}/{AGAIN}", BILL).code == "PERIOD_BILLED"


def test_a_skipped_period_is_not_billed_with_the_others(api: Client) -> None:
    items = [item_json("Plan", "31.00"), item_json("Week", "10.00", interval={"unit": "week"})]
    made = subscribe(api, items=items)
    bill(api, made)
    api.delete(f"/invoices/{invoices(api, made)[0]['id']}").ok(204)
    path = f"/subscriptions/{made['id']}/periods"
    api.post(f"{path}/1w-advance.2026-03-10", {"action": "skip"}).ok()
    api.post(f"{path}/{AGAIN}", BILL).ok()
    assert [one["subtotal"] for one in invoices(api, made)] == ["31.00"]


@pytest.mark.parametrize("priced", [False, True], ids=["line", "price"])
@pytest.mark.parametrize("canceled", [{0}, {1}, {0, 1}, {-1, 1}], ids=["before", "after", "both", "period"])
def test_days_after_a_revoked_end_are_billed_once(api: Client, at: Clock, canceled: set[int], priced: bool) -> None:
    """3 seats were added until the end on the 20th, and after it when it was revoked: two lines in one part."""
    price = {"price_id": new_price(api, amounts={"EUR": {"unit_amount": "31.00"}}), "quantity": "5"}
    made = subscribe(api, action="finalize", items=[price if priced else item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    end = f"/subscriptions/{made['id']}/cancellation"
    api.put(end, {"at": "date", "on": "2026-03-20"}).ok()
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "8"})
    at.now = datetime(2026, 3, 16, 12, tzinfo=UTC)
    api.delete(end).ok()
    before = invoices(api, made)
    assert [one["subtotal"] for one in before] == ["155.00", "18.00", "60.00"]
    for place in canceled:
        api.post(f"/invoices/{before[place + 1]['id']}/cancel").ok()
    row = api.post(f"/subscriptions/{made['id']}/periods/{AGAIN}", BILL).ok()
    again = next(one for one in invoices(api, made) if one["number"] == "INV-2026-000004")
    lines = {(0,): ["18.00"], (1,): ["60.00"], (0, 1): ["78.00"], (-1, 1): ["25.00", "30.00", "160.00"]}
    assert [one["net"] for one in again["lines"]] == lines[tuple(sorted(canceled))]
    assert row["status"] == "billed"


def test_no_invoice_of_a_change_becomes_that_of_its_period(api: Client, at: Clock) -> None:
    """A later change ended its 3 seats. The 5 seats of the period are billed by its own invoice, or by hand."""
    made = subscribe(api, action="finalize", items=[item_json("Seat", "31.00", quantity="5")])
    bill(api, made)
    at.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "8"})
    first, charge = invoices(api, made)
    api.post(f"/invoices/{charge['id']}/cancel").ok()
    at.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    change(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "6"})
    api.post(f"/invoices/{first['id']}/cancel").ok()
    require_refused(api, charge)
    api.post(f"/invoices/{first['id']}/reactivate").ok()
    assert state(api, made) == ("billed", first["id"])


@pytest.mark.parametrize("catalogue", [False, True], ids=["line", "price"])
def test_days_before_a_charge_of_a_full_price_are_billed_again(api: Client, at: Clock, catalogue: bool) -> None:
    """A change charges from 20 March on, and the invoice of the period is canceled: 10 of 22 days are left."""
    prices = [new_price(api, {"code": code}) for code in ("PLAN", "MORE")] if catalogue else []
    item = {"price_id": prices[0], "quantity": "1"} if prices else item_json("Plan", "31.00")
    made = subscribe(api, action="finalize", anchor={"day": 1}, items=[item | {"first": "full"}])
    bill(api, made)
    [first] = invoices(api, made)
    at.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    id_ = made["items"][0]["id"]
    other = {"price_id": prices[1]} if prices else {"line": item_json("Plan", "62.00")["line"]}
    change(api, made, {"op": "set", "item_id": id_, **other})
    again = bill_again(api, made, first)
    assert [line["period"] for line in again["lines"]] == [{"start": "2026-03-10", "end": "2026-03-19"}]
    assert Decimal(again["subtotal"]) == round(Decimal(first["subtotal"]) * 10 / 22, 2)
