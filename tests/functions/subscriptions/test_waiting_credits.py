"""Credits of changes with bill=next_invoice: they pay the next invoice of their subscription."""

import pytest

from tests.aws import AwsCalls
from tests.billing import step, worked
from tests.collection import method_json, ready_to_collect
from tests.conftest import Clock
from tests.events import deliver_raw
from tests.faults.deaths import Moment, dies_at
from tests.faults.rules import broken_rules
from tests.faults.snapshots import objects, rows
from tests.functions.subscriptions.test_change_subscription import (
    change,
    example,
    nets,
    price,
    quantity,
    set_clock,
)
from tests.functions.subscriptions.test_waiting_charges import WAITS, last_invoice
from tests.gateway import Client
from tests.subscriptions import bill_at, invoices, now_of


@pytest.mark.parametrize("by", ["run", "hand", "user"])
def test_a_credit_that_waits_pays_the_next_invoice(api: Client, at: Clock, by: str) -> None:
    """The paid plan of 49.00 gets cheaper: 16 of 31 days are credited, and 20.14 net are charged for them."""
    made = example(api, at, action="draft" if by == "user" else "finalize")
    first = last_invoice(api, made)
    if by == "user":
        for one in invoices(api, made):
            api.post(f"/invoices/{one['id']}/finalize").ok()
        api.patch(f"/subscriptions/{made['id']}", {"action": "draft"}).ok()
    api.post(f"/invoices/{first['id']}/payments", {"amount": "129.71"}).ok(201)
    answer = change(api, made, price(made["items"][0], "39.00"), **WAITS).ok()
    assert nets(answer) == ("25.29", "20.13", "-5.16")
    waiting = [{"invoice_id": first["id"], "amount": "30.10"}]
    assert now_of(api, made)["waiting_credits"] == waiting
    [previewed] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    if by == "hand":
        api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-31", {"action": "bill"}).ok()
    else:
        bill_at(api, at, "2026-03-31T12:00", made)
    billed = last_invoice(api, made)
    if by == "user":
        assert (now_of(api, made)["waiting_credits"], billed["paid"]) == (waiting, "0.00")
        billed = api.post(f"/invoices/{billed['id']}/finalize").ok()
    assert (billed["total"], billed["paid"], billed["paid_at_issue"], billed["due"]) == (
        "141.76",
        "30.10",
        "30.10",
        "111.66",
    )
    assert by == "user" or [previewed["invoice"][name] for name in ("paid", "paid_at_issue", "due")] == [
        billed[name] for name in ("paid", "paid_at_issue", "due")
    ]
    assert (api.get(f"/invoices/{first['id']}").ok()["refund_due"], now_of(api, made)["waiting_credits"]) == (
        "0.00",
        [],
    )
    [payment] = api.get(f"/invoices/{billed['id']}/payments").ok()["data"]
    assert (payment["method"], payment["source_id"], payment["amount"]) == ("credit", first["id"], "30.10")


def test_credit_above_the_next_invoice_pays_the_one_after_it(api: Client, at: Clock) -> None:
    """Credit that a user refunds meanwhile is not applied."""
    made = example(api, at, action="finalize")
    first = last_invoice(api, made)
    api.post(f"/invoices/{first['id']}/payments", {"amount": "129.71"}).ok(201)
    plan, seats = made["items"]
    change(api, made, price(plan, "1.00"), quantity(seats, "1"), **WAITS).ok()
    assert [one["amount"] for one in now_of(api, made)["waiting_credits"]] == ["59.58"]
    api.post(f"/invoices/{first['id']}/payments", {"amount": "9.58", "type": "refund"}).ok(201)
    previewed = api.get(f"/subscriptions/{made['id']}/preview?count=4").ok()["invoices"]
    for moment in ("2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"):
        bill_at(api, at, f"{moment}T12:00", made)
    later = [one for one in invoices(api, made) if one["type"] == "invoice"][-4:]
    assert [one["paid"] for one in later] == [one["invoice"]["paid"] for one in previewed]
    assert [one["paid"] for one in later] == ["16.09", "15.47", "15.47", "2.97"]
    assert [one["status"] for one in later] == ["paid", "paid", "paid", "open"]
    assert now_of(api, made)["waiting_credits"] == []


def test_credit_waits_while_a_transfer_refunds_it(api: Client, at: Clock) -> None:
    """Canceled, the transfer leaves the credit to the invoice after the one that was billed meanwhile."""
    made = example(api, at, action="finalize")
    first = last_invoice(api, made)
    api.post(f"/invoices/{first['id']}/payments", {"amount": "129.71"}).ok(201)
    change(api, made, price(made["items"][0], "39.00"), **WAITS).ok()
    ready_to_collect(api)
    api.post(f"/customers/{made['customer_id']}/payment-methods", method_json()).ok(201)
    file = api.post("/sepa-files", {"type": "credit", "invoice_ids": [first["id"]]}).ok(201)
    previewed = api.get(f"/subscriptions/{made['id']}/preview?count=2").ok()["invoices"]
    assert [one["invoice"]["paid"] for one in previewed] == ["0.00", "0.00"]
    bill_at(api, at, "2026-03-31T12:00", made)
    assert last_invoice(api, made)["paid"] == "0.00"
    assert now_of(api, made)["waiting_credits"] == [{"invoice_id": first["id"], "amount": "30.10"}]
    api.post(f"/sepa-files/{file['id']}/cancel").ok()
    bill_at(api, at, "2026-04-30T12:00", made)
    assert (last_invoice(api, made)["paid"], now_of(api, made)["waiting_credits"]) == ("30.10", [])


@pytest.mark.parametrize(("call", "moment"), [(2, "after"), (3, "before"), (3, "after"), (4, "before"), (5, "after")])
def test_a_killed_worker_applies_credit_once(api: Client, at: Clock, aws: AwsCalls, call: int, moment: Moment) -> None:
    made = example(api, at, action="finalize")
    first = last_invoice(api, made)
    api.post(f"/invoices/{first['id']}/payments", {"amount": "129.71"}).ok(201)
    change(api, made, price(made["items"][0], "39.00"), **WAITS).ok()
    set_clock(at, "2026-03-31T12:00")
    run = api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    assert deliver_raw("bill_units", step(run, api.tenant_id)) == []
    with dies_at(call, moment, aws):
        deliver_raw("advance_run", step(run, api.tenant_id))
    assert worked(api, run)["status"] == "completed"
    billed = last_invoice(api, made)
    assert (billed["total"], billed["paid"]) == ("141.76", "30.10")
    assert len(api.get(f"/invoices/{billed['id']}/payments").ok()["data"]) == 1
    assert now_of(api, made)["waiting_credits"] == []
    assert broken_rules(rows(), objects()) == []
