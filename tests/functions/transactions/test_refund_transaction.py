"""POST /transactions/{payment_transaction_id}/refund"""

from datetime import date
from decimal import Decimal

import pytest

from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import PaymentData
from invoicing.settlement.events import PaymentRecorded
from invoicing.settlement.model import settle
from invoicing.transactions.model import Transaction
from tests.builders import NOON
from tests.collection import IBAN
from tests.events import details
from tests.gateway import Client, Response
from tests.races import meanwhile
from tests.transactions import (
    Json,
    camt_of,
    collected,
    debit_now,
    entry,
    reported,
    return_of,
    single_credit,
    store_of,
    to_refund,
)


def refundable(api: Client) -> Transaction:
    """A direct debit over 119.00 that was settled, and whose invoice was canceled."""
    [debit] = collected(api).debits
    to_refund(api, debit.id)
    return debit


def path_of(debit: Transaction) -> str:
    return f"/transactions/{debit.id}/refund"


def all_credits(api: Client) -> list[Json]:
    found: list[Json] = api.get("/transactions?type=credit").ok()["data"]
    return found


def executed(api: Client, credit: Json) -> None:
    """The bank executes a credit."""
    reported(api, camt_of(single_credit(store_of(api).get(Transaction, credit["id"]))))


def refused(answer: Response, status: int, code: str) -> Json:
    assert (answer.status, answer.code) == (status, code)
    problem: Json = answer.json
    return problem


def test_a_debit_is_paid_back_to_its_account(api: Client) -> None:
    debit = refundable(api)
    credit = api.post(path_of(debit)).ok(201)
    assert (credit["type"], credit["status"], credit["amount"]) == ("credit", "created", "119.00")
    assert (credit["account"]["iban"], credit["refunded_transaction_id"]) == (IBAN, debit.id)
    assert (credit["sepa_file_id"], credit["due_on"], credit["mandate"]) == (None, None, None)
    assert (all_credits(api), debit_now(api, credit)) == ([credit], credit)
    [event] = details("transaction.refunded")
    assert event["resource"]["id"] == debit.id
    assert event["data"]["details"] == {"refund_id": credit["id"], "amount": "119.00", "currency": "EUR"}


def test_a_refund_is_at_most_the_rest_of_the_credit(api: Client) -> None:
    """The rest that the document owes, of this debit."""
    debit = refundable(api)
    for amount, status, code in (("119.01", 422, "REFUND_EXCEEDS_CREDIT"), ("1.001", 400, "VALIDATION_ERROR")):
        error = refused(api.post(path_of(debit), {"amount": amount}), status, code)
        assert [one["pointer"] for one in error["errors"]] == ["/amount"]
    executed(api, api.post(path_of(debit), {"amount": "100.00"}).ok(201))
    assert api.get(f"/invoices/{debit.invoice_id}").ok()["refund_due"] == "19.00"
    assert api.post(path_of(debit)).ok(201)["amount"] == "19.00"


def test_a_refund_by_hand_with_an_id_of_our_form_is_none(api: Client) -> None:
    """It is older than the rule that refuses such an `external_id`. No transaction has it."""
    debit = refundable(api)
    store = store_of(api)
    about = {"external_id": new_id("txn", NOON), "date": date(2026, 3, 9)}
    data = PaymentData.model_validate({"type": "refund", "amount": Decimal("19.00"), **about})
    before = store.get(InvoiceSummary, debit.invoice_id)
    payment, after = settle(before, new_id("pay", NOON), data, accept_overpayment=False, moment=store.session.moment)
    store.commit(Recorded(after, PaymentRecorded.of(payment)), payment)
    assert api.post(path_of(debit)).ok(201)["amount"] == "100.00"


def test_another_refund_waits_for_the_first(api: Client) -> None:
    debit = refundable(api)
    api.post(path_of(debit), {"amount": "19.00"}).ok(201)
    refused(api.post(path_of(debit), {"amount": "19.00"}), 409, "REFUND_UNDER_WAY")
    refund = {"type": "refund", "amount": "100.00"}
    refused(api.post(f"/invoices/{debit.invoice_id}/payments", refund), 409, "REFUND_UNDER_WAY")
    assert len(all_credits(api)) == 1


def test_only_debits_that_succeeded_are_paid_back(api: Client) -> None:
    [debit] = collected(api).debits
    refused(api.post(path_of(debit)), 409, "TRANSACTION_NOT_REFUNDABLE")
    to_refund(api, debit.id)
    credit = api.post(path_of(debit)).ok(201)
    refused(api.post(f"/transactions/{credit['id']}/refund"), 409, "TRANSACTION_NOT_REFUNDABLE")


def test_nothing_is_paid_back_that_is_not_owed(api: Client) -> None:
    [debit] = collected(api).debits
    reported(api, camt_of(single_credit(debit)))
    refused(api.post(path_of(debit)), 422, "REFUND_EXCEEDS_CREDIT")


def test_a_returned_debit_ends_its_waiting_refund(api: Client) -> None:
    debit = refundable(api)
    credit = api.post(path_of(debit)).ok(201)
    reported(api, camt_of(return_of(debit, "MD06")))
    assert [debit_now(api, one)["status"] for one in (debit, credit)] == ["returned", "canceled"]
    assert api.get(f"/invoices/{debit.invoice_id}").ok()["refund_due"] == "0.00"
    refused(api.post(path_of(debit)), 409, "TRANSACTION_NOT_REFUNDABLE")


def owed_less(api: Client, debit: Transaction) -> Json:
    """A refund over 119.00 that waits, after the invoice owes only 11.90. The `Idempotency-Key` is `first`."""
    waiting: Json = api.post(path_of(debit), headers={"Idempotency-Key": "first"}).ok(201)
    api.post(f"/invoices/{debit.invoice_id}/reactivate").ok()
    api.post(f"/invoices/{debit.invoice_id}/credit", {"amount": "11.90"}).ok(201)
    return waiting


def test_a_refund_that_is_not_owed_any_more_is_replaced(api: Client) -> None:
    """By one that is accepted, in the same commit. A repetition or a refused request changes nothing."""
    debit = refundable(api)
    first = owed_less(api, debit)
    assert api.post(path_of(debit), headers={"Idempotency-Key": "first"}).ok(201) == first
    refused(api.post(path_of(debit), {"amount": "12.00"}), 422, "REFUND_EXCEEDS_CREDIT")
    assert (debit_now(api, first)["status"], len(all_credits(api))) == ("created", 1)
    second = api.post(path_of(debit)).ok(201)
    assert (debit_now(api, first)["status"], second["amount"]) == ("canceled", "11.90")
    refused(api.post(path_of(debit)), 409, "REFUND_UNDER_WAY")
    executed(api, second)
    assert api.get(f"/invoices/{debit.invoice_id}").ok()["refund_due"] == "0.00"


def test_the_next_file_pays_no_more_than_is_owed(api: Client) -> None:
    debit = refundable(api)
    waiting = owed_less(api, debit)
    file = api.post("/sepa-files", {"type": "credit", "invoice_ids": [debit.invoice_id]}).ok(201)
    assert ([one["amount"] for one in file["credits"]], file["total"]) == (["11.90"], "11.90")
    after = debit_now(api, waiting)
    assert (after["amount"], after["sepa_file_id"], after["status"]) == ("11.90", file["id"], "created")
    assert api.get(f"/sepa-files/{file['id']}/xml").status == 200


def test_a_refund_by_hand_ends_one_that_is_not_owed_any_more(api: Client) -> None:
    debit = refundable(api)
    waiting, invoice = owed_less(api, debit), f"/invoices/{debit.invoice_id}"
    refund = {"type": "refund", "amount": "12.00"}
    refused(api.post(f"{invoice}/payments", refund), 422, "REFUND_EXCEEDS_CREDIT")
    assert debit_now(api, waiting)["status"] == "created"
    api.post(f"{invoice}/payments", refund | {"amount": "11.90"}).ok(201)
    assert debit_now(api, waiting)["status"] == "canceled"
    assert api.get(invoice).ok()["refund_due"] == "0.00"
    api.post(f"{invoice}/cancel").ok()
    assert api.post(path_of(debit)).ok(201)["amount"] == "107.10"


@pytest.mark.parametrize("first", ["refund", "return"])
def test_two_writers_never_pay_back_twice(api: Client, first: str) -> None:
    """Another refund, or the return of the debit, comes between the read and the write."""
    debit = refundable(api)
    writers = {
        "refund": lambda: api.post(f"/invoices/{debit.invoice_id}/payments", {"type": "refund", "amount": "119.00"}),
        "return": lambda: reported(api, camt_of(return_of(debit))),
    }
    with meanwhile(writers[first]):
        answer = api.post(path_of(debit))
    assert answer.status == (422 if first == "refund" else 409), answer.text
    assert all_credits(api) == []


def test_the_next_file_of_credits_pays_it(api: Client) -> None:
    debit = refundable(api)
    credit = api.post(path_of(debit), {"amount": "100.00"}).ok(201)
    file = api.post("/sepa-files", {"type": "credit", "invoice_ids": [debit.invoice_id]}).ok(201)
    assert [one["amount"] for one in file["credits"]] == ["100.00"]
    api.post(f"/sepa-files/{file['id']}/uploaded").ok()
    batch = f"<Btch><PmtInfId>{file['batches'][0]['payment_information_id']}</PmtInfId></Btch>"
    [*_, booked] = reported(api, camt_of(entry(Decimal("-100.00"), batch, date(2026, 3, 10))))
    assert (debit_now(api, credit)["status"], booked["collection"]["kind"]) == ("succeeded", "refund")
    assert api.get(f"/sepa-files/{file['id']}").ok()["status"] == "settled"
    assert api.get(f"/invoices/{debit.invoice_id}").ok()["refund_due"] == "19.00"
