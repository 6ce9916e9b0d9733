"""GET /transactions/{payment_transaction_id}, and how statements of the bank settle and return direct debits."""

from typing import Any

import pytest

from invoicing.transactions.model import Transaction
from invoicing.transactions.table import debit_under_way
from tests.bank import imported
from tests.events import details, strike
from tests.gateway import Client, Response
from tests.races import meanwhile
from tests.transactions import (
    FEE,
    PAID,
    camt_of,
    collected,
    credit_of,
    debit_now,
    payments,
    rejection_of,
    reported,
    return_of,
    sent,
    single_credit,
    store_of,
)

Json = dict[str, Any]


def test_a_credit_that_names_the_batch_settles_all(api: Client) -> None:
    found = collected(api, 3)
    [credit] = reported(api, camt_of(credit_of(found)))
    assert [debit_now(api, one)["status"] for one in found.debits] == ["succeeded"] * 3
    assert payments(api, found.debits) == [PAID] * 3
    expected = {"kind": "collection", "target_id": found.file.id, "amount": "357.00", "charges": None}
    assert (credit["collection"], credit["allocations"], credit["unallocated"]) == (expected, [], "0.00")
    assert [api.get(f"/invoices/{one.invoice_id}").ok()["status"] for one in found.debits] == ["paid"] * 3
    assert [debit_under_way(store_of(api), one.invoice_id) for one in found.debits] == [None] * 3
    assert len(details("transaction.succeeded")) == 3
    assert [one["resource"]["id"] for one in details("sepa_file.settled")] == [found.file.id]


def test_a_credit_of_one_debit_pays_its_invoice_once(api: Client) -> None:
    found = collected(api, 2)
    [credit] = reported(api, camt_of(single_credit(found.debits[0])))
    assert [debit_now(api, one)["status"] for one in found.debits] == ["succeeded", "pending"]
    [payment] = api.get(f"/invoices/{found.debits[0].invoice_id}/payments").ok()["data"]
    assert (payment["date"], payment["external_id"]) == ("2026-03-02", found.debits[0].id)
    assert (credit["status"], credit["collection"]["target_id"]) == ("allocated", found.debits[0].id)


def test_money_that_came_another_way_is_to_be_refunded(api: Client) -> None:
    found = collected(api)
    invoice = f"/invoices/{found.debits[0].invoice_id}"
    api.post(f"{invoice}/payments", {"amount": "119.00"}).ok(201)
    reported(api, camt_of(credit_of(found)))
    assert api.get(invoice).ok()["refund_due"] == "119.00"
    assert debit_now(api, found.debits[0])["status"] == "succeeded"


def named_credit(api: Client, debit: Transaction, amount: str) -> Json:
    """A credit of another amount that names a debit and its invoice: no rule books it."""
    api.patch("/tenant", {"bank_matching": {"auto": "likely"}}).ok()
    number = api.get(f"/invoices/{debit.invoice_id}").ok()["number"]
    more = f"<RmtInf><Ustrd>{number}</Ustrd></RmtInf>"
    credit = single_credit(debit).replace("119.00", amount).replace("</Refs>", f"</Refs>{more}")
    [found] = [one for one in reported(api, camt_of(credit)) if one["amount"] == amount]
    assert (found["status"], debit_now(api, debit)["status"]) in (("open", "pending"), ("open", "succeeded"))
    for dry_run in (True, False):
        run = api.post("/bank-matching-runs", {"dry_run": dry_run}).ok()["data"]
        [match] = [one for one in run if one["transaction_id"] == found["id"]]
        assert (match["outcome"], match["why"][-1]) == ("suggested", "sepa_transaction")
    return found


def book(api: Client, credit: Json, debit: Transaction, **more: Any) -> Response:
    allocations = [{"invoice_id": debit.invoice_id, **more}]
    accepted = {"allocations": allocations, "accept_overpayment": bool(more)}
    return api.post(f"/bank-transactions/{credit['id']}/allocations", accepted)


def sums(api: Client, debit: Transaction) -> tuple[str, ...]:
    found = api.get(f"/invoices/{debit.invoice_id}").ok()
    return found["paid"], found["due"], found["refund_due"]


@pytest.mark.parametrize("settled", [False, True])
def test_money_that_users_booked_leaves_the_debit_to_be_refunded(api: Client, settled: bool) -> None:
    """The debit's own credit comes after it, also after the debit settled with it, and then its return."""
    [debit] = (found := collected(api)).debits
    book(api, named_credit(api, debit, "100.00"), debit).ok()
    if settled:
        assert strike("settle_debits", api.tenant_id) == []
    assert sums(api, debit) == ("100.00", "19.00", "0.00")
    for repeated in (b"", b" "):
        [credit] = [one for one in reported(api, camt_of(credit_of(found)) + repeated) if one["amount"] == "119.00"]
    assert (credit["status"], credit["collection"]["amount"]) == ("allocated", "119.00")
    assert sums(api, debit) == ("219.00", "0.00", "100.00")
    assert len(details("transaction.succeeded")) == 1
    reported(api, camt_of(return_of(debit)))
    assert sums(api, debit) == ("100.00", "19.00", "0.00")
    assert sorted(payments(api, [debit])) == [
        ("100.00", "bank_transfer", None),
        ("119.00", "sepa_direct_debit", "returned"),
    ]


@pytest.mark.parametrize("settled", [True, False])
def test_money_that_users_booked_is_not_recorded_again_in_time(api: Client, settled: bool) -> None:
    """Without a credit of its own, that money is the debit's, and its return reverses it."""
    [debit] = collected(api).debits
    book(api, named_credit(api, debit, "120.00"), debit).ok()
    if settled:
        assert strike("settle_debits", api.tenant_id) == []
        assert debit_now(api, debit)["status"] == "succeeded"
        assert debit_now(api, debit)["payment_id"] == debit_now(api, debit)["booked_payment_id"]
    assert sums(api, debit) == ("119.00", "0.00", "0.00")
    assert payments(api, [debit]) == [("119.00", "bank_transfer", None)]
    reported(api, camt_of(return_of(debit)))
    assert sums(api, debit) == ("0.00", "119.00", "0.00")
    assert debit_now(api, debit)["status"] == ("returned" if settled else "failed")


def test_a_freed_booking_leaves_the_debit_as_it_was(api: Client) -> None:
    [debit] = collected(api).debits
    [allocation] = book(api, named_credit(api, debit, "100.00"), debit).ok()["allocations"]
    api.delete(f"/invoices/{debit.invoice_id}/payments/{allocation['payment_id']}").ok()
    assert strike("settle_debits", api.tenant_id) == []
    assert sums(api, debit) == ("119.00", "0.00", "0.00")


def test_money_that_users_book_after_the_debit_is_to_be_refunded(api: Client) -> None:
    [debit] = (found := collected(api)).debits
    reported(api, camt_of(credit_of(found)))
    credit = named_credit(api, debit, "100.00")
    assert book(api, credit, debit).code == "PAYMENT_EXCEEDS_DUE"
    book(api, credit, debit, amount="100.00").ok()
    assert sums(api, debit) == ("219.00", "0.00", "100.00")
    reported(api, camt_of(return_of(debit)))
    assert sums(api, debit) == ("100.00", "19.00", "0.00")


def test_a_run_settles_the_debit_that_a_transaction_names(api: Client) -> None:
    [debit] = (found := collected(api)).debits
    imported(api, camt_of(credit_of(found)), bank_account_id="main")
    [match] = api.post("/bank-matching-runs", {}).ok()["data"]
    assert (match["outcome"], match["why"], match["suggestions"]) == ("allocated", ["sepa_transaction"], [])
    assert payments(api, [debit]) == [PAID]


def test_money_of_a_debit_after_a_cancellation_is_left_to_users(api: Client) -> None:
    """The debit settled with the money that a user booked. Nothing knows of its own money."""
    [debit] = (found := collected(api)).debits
    book(api, named_credit(api, debit, "100.00"), debit).ok()
    assert strike("settle_debits", api.tenant_id) == []
    api.post(f"/invoices/{debit.invoice_id}/cancel").ok()
    [credit] = [one for one in reported(api, camt_of(credit_of(found))) if one["amount"] == "119.00"]
    assert (credit["status"], payments(api, [debit])) == ("open", [("100.00", "bank_transfer", None)])


def test_a_canceled_invoice_gets_no_payment(api: Client) -> None:
    found = collected(api)
    api.post(f"/invoices/{found.debits[0].invoice_id}/cancel").ok()
    reported(api, camt_of(credit_of(found)))
    debit = debit_now(api, found.debits[0])
    assert (debit["status"], debit["payment_id"], payments(api, found.debits)) == ("succeeded", None, [])


def test_a_credit_of_another_amount_is_left_to_users(api: Client) -> None:
    found = collected(api, 2)
    [credit] = reported(api, camt_of(credit_of(found).replace("238.00", "237.00")))
    assert (credit["status"], debit_now(api, found.debits[0])["status"]) == ("open", "pending")


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        ("AC04", "returned", "blocked"),
        ("MD06", "chargeback", "active"),
        ("MD01", "chargeback", "blocked"),
        ("AM04", "returned", "active"),
    ],
)
def test_a_return_reverses_the_original_amount(api: Client, code: str, reason: str, status: str) -> None:
    """Hazard 11: the invoice is as before the debit, and the charges of the bank are apart."""
    found = collected(api)
    reported(api, camt_of(credit_of(found)))
    *_, returned = reported(api, camt_of(return_of(found.debits[0], code)))
    debit = debit_now(api, found.debits[0])
    assert (debit["status"], debit["failure"]["code"], debit["failure"]["retry"]) == ("returned", code, False)
    assert payments(api, found.debits) == [("119.00", "sepa_direct_debit", reason)]
    invoice = api.get(f"/invoices/{found.debits[0].invoice_id}").ok()
    assert (invoice["status"], invoice["due"], invoice["refund_due"]) == ("open", "119.00", "0.00")
    expected = {"kind": "return", "target_id": found.debits[0].id, "amount": "119.00", "charges": str(FEE)}
    assert (returned["collection"], returned["status"]) == (expected, "allocated")
    assert api.get(found.method_path).ok()["status"] == status
    assert len(details("transaction.returned")) == 1


@pytest.mark.parametrize("more", [{"amount": "119.00", "charges": "3.00"}, {"amount": "122.00"}])
def test_the_feed_settles_and_returns_as_files_do(api: Client, more: Json) -> None:
    [debit, _] = (found := collected(api, 2)).debits
    sent(api, direction="credit", amount="238.00", payment_information_id=found.batch)
    assert payments(api, found.debits) == [PAID] * 2
    original = {"amount": "119.00", "currency": "EUR"}
    about = {"end_to_end_id": debit.end_to_end_id, "mandate_reference": "M", "original_amount": original, **more}
    returned = sent(api, direction="debit", **about, **{"return": {"code": "AC04", "reason": "Konto aufgelöst"}})
    expected = {"kind": "return", "target_id": debit.id, "amount": "119.00", "charges": str(FEE)}
    assert (returned["collection"], returned["status"]) == (expected, "allocated")
    shown = returned["original_amount"], returned["charges"]
    assert shown == ((original, None) if more["amount"] == "122.00" else (None, "3.00"))
    assert debit_now(api, debit)["failure"] == {"code": "AC04", "message": "Konto aufgelöst", "retry": False}
    assert api.get(found.method_path).ok()["status"] == "blocked"
    assert payments(api, found.debits) == [("119.00", "sepa_direct_debit", "returned"), PAID]


def test_a_return_reported_again_is_one(api: Client) -> None:
    """By pain.002, camt.054, and the same file again."""
    found = collected(api, 2)
    reported(api, camt_of(credit_of(found)))
    reported(api, rejection_of(found, found.debits[0]))
    *_, returned = reported(api, camt_of(return_of(found.debits[0], "AM04")))
    reported(api, camt_of(return_of(found.debits[0], "AM04"), return_of(found.debits[1], "AM04")))
    assert payments(api, found.debits) == [("119.00", "sepa_direct_debit", "returned")] * 2
    assert returned["status"] == "allocated"
    assert len(details("transaction.returned")) == 2
    assert [one["status"] for one in debit_now(api, found.debits[0])["history"]] == ["pending", "succeeded", "returned"]


def test_a_return_before_the_settlement_reverses_nothing(api: Client) -> None:
    """The credit of the batch has the returned debit in it, and settles the others."""
    found = collected(api, 2)
    reported(api, camt_of(return_of(found.debits[0])))
    [*_, credit] = reported(api, camt_of(credit_of(found)))
    assert [debit_now(api, one)["status"] for one in found.debits] == ["failed", "succeeded"]
    assert payments(api, found.debits) == [PAID]
    assert debit_under_way(store_of(api), found.debits[0].invoice_id) is None
    assert {one["status"] for one in api.get("/bank-transactions").ok()["data"]} == {"allocated"}
    assert credit["status"] == "allocated"


def test_a_mandate_and_its_amount_find_a_debit(api: Client) -> None:
    found = collected(api)
    reported(api, camt_of(credit_of(found)))
    reported(api, camt_of(return_of(found.debits[0], end_to_end=False)))
    assert debit_now(api, found.debits[0])["status"] == "returned"


def test_two_debits_of_a_mandate_are_left_to_users(api: Client) -> None:
    found = collected(api, 2)
    reported(api, camt_of(credit_of(found)))
    *_, returned = reported(api, camt_of(return_of(found.debits[0], end_to_end=False)))
    assert (returned["status"], debit_now(api, found.debits[0])["status"]) == ("open", "succeeded")


def test_a_refunded_overpayment_is_due_again_after_a_return(api: Client) -> None:
    found = collected(api)
    invoice = f"/invoices/{found.debits[0].invoice_id}"
    api.post(f"{invoice}/payments", {"amount": "119.00"}).ok(201)
    reported(api, camt_of(credit_of(found)))
    api.post(f"{invoice}/payments", {"type": "refund", "amount": "119.00"}).ok(201)
    reported(api, camt_of(return_of(found.debits[0])))
    assert debit_now(api, found.debits[0])["status"] == "returned"
    assert api.get(invoice).ok()["due"] == "119.00"


def test_a_payment_that_was_refunded_is_left_to_users(api: Client) -> None:
    found = collected(api)
    invoice = f"/invoices/{found.debits[0].invoice_id}"
    reported(api, camt_of(credit_of(found)))
    api.post(f"{invoice}/cancel").ok()
    api.post(f"{invoice}/payments", {"type": "refund", "amount": "119.00"}).ok(201)
    *_, returned = reported(api, camt_of(return_of(found.debits[0])))
    assert (returned["status"], debit_now(api, found.debits[0])["status"]) == ("open", "succeeded")


@pytest.mark.parametrize(("settled", "passed_on"), [(True, True), (False, True), (True, False)])
def test_charges_become_a_fee_if_the_tenant_wants_it(api: Client, settled: bool, passed_on: bool) -> None:
    api.patch("/tenant", {"collection": {"pass_on_return_charges": passed_on, "retry_returned": True}}).ok()
    found = collected(api)
    if settled:
        reported(api, camt_of(credit_of(found)))
    reported(api, camt_of(return_of(found.debits[0], "MS03")))
    dunning = api.get(f"/invoices/{found.debits[0].invoice_id}/dunning").ok()
    assert (dunning["fees"], dunning["fees_due"]) == ((str(FEE),) * 2 if passed_on else ("0.00",) * 2)
    assert debit_now(api, found.debits[0])["failure"]["retry"] is True


def test_a_booking_and_the_settlement_at_once_end_in_one_payment(api: Client) -> None:
    """The debit settles in time while a user books its money: then nothing is due any more."""
    [debit] = collected(api).debits
    credit = named_credit(api, debit, "119.01")
    with meanwhile(lambda: strike("settle_debits", api.tenant_id)):
        booked = book(api, credit, debit)
    assert (booked.status, booked.code) == (422, "PAYMENT_EXCEEDS_DUE")
    assert payments(api, [debit]) == [PAID]
    assert debit_now(api, debit)["booked_payment_id"] is None
