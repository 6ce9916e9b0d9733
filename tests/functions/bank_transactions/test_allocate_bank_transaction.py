"""POST /bank-transactions/{transaction_id}/allocations: hazard 5 of money."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing.bank_matching.table import payers_of
from invoicing.core.identity import Caller
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.bank import PAYERS, Month, Movement, feed, transactions
from tests.builders import NOON, customer_json, invoice_json
from tests.events import details
from tests.gateway import Client
from tests.races import meanwhile

DAY = date(2026, 3, 2)
Json = dict[str, Any]


def received(api: Client, amount: str, **more: Any) -> Json:
    """A transaction of this amount."""
    api.post("/bank-transactions", feed(Month([Movement(DAY, Decimal(amount), "Zahlung", **more)]))).ok()
    return transactions(api)[0]


def allocate(api: Client, transaction: Json, *allocations: Json, **more: Any) -> Any:
    return api.post(f"/bank-transactions/{transaction['id']}/allocations", {"allocations": allocations, **more})


def another(api: Client, issued: Json, **more: Any) -> Json:
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"], **more)).ok(201)
    found: Json = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


def test_several_documents_are_paid_at_once(api: Client, issued: Json) -> None:
    transaction, other = received(api, "150.00"), another(api, issued)
    after = allocate(api, transaction, {"invoice_id": issued["id"]}, {"invoice_id": other["id"]}).ok()
    assert (after["status"], after["unallocated"]) == ("allocated", "0.00")
    assert [(one["amount"], one["by"], one["kind"]) for one in after["allocations"]] == [
        ("119.00", "user", "invoice"),
        ("31.00", "user", "invoice"),
    ]
    [payment] = api.get(f"/invoices/{issued['id']}/payments").ok()["data"]
    expected = ("bank_transfer", transaction["id"], f"{DAY}", "Zahlung", after["allocations"][0]["payment_id"])
    assert tuple(payment[name] for name in ("method", "external_id", "date", "reference", "id")) == expected
    assert api.get(f"/invoices/{issued['id']}").ok()["status"] == "paid"
    assert api.get(f"/invoices/{other['id']}").ok()["due"] == "88.00"
    [event] = details("bank_transaction.allocated")
    assert len(event["data"]["details"]["allocations"]) == 2
    [listed] = transactions(api, "&status=allocated")
    assert (listed["id"], listed["allocations"]) == (after["id"], after["allocations"])
    assert transactions(api, "&status=open") == transactions(api, "&status=partly_allocated") == []


def test_the_rest_stays_unallocated(api: Client, issued: Json) -> None:
    after = allocate(api, received(api, "150.00"), {"invoice_id": issued["id"]}).ok()
    assert (after["status"], after["unallocated"]) == ("partly_allocated", "31.00")
    assert [one["id"] for one in transactions(api, "&status=partly_allocated")] == [after["id"]]
    again = allocate(api, after, {"invoice_id": issued["id"], "amount": "1.00"}, accept_overpayment=True)
    assert (again.status, again.code) == (409, "DUPLICATE_EXTERNAL_ID")


@pytest.mark.parametrize(
    ("second", "code", "pointer"),
    [
        ({"amount": "40.00"}, "ALLOCATION_EXCEEDS_TRANSACTION", "/allocations/1/amount"),
        ({"amount": "30.00", "cash_discount": "9.00"}, "CASH_DISCOUNT_NOT_ALLOWED", "/allocations/1/cash_discount"),
        ({"amount": "1.001"}, "VALIDATION_ERROR", "/allocations/1/amount"),
    ],
)
def test_one_refused_document_refuses_all(api: Client, issued: Json, second: Json, code: str, pointer: str) -> None:
    transaction, other = received(api, "150.00"), another(api, issued)
    refused = allocate(api, transaction, {"invoice_id": issued["id"]}, {"invoice_id": other["id"], **second})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == (code, pointer)
    assert api.get(f"/invoices/{issued['id']}").ok()["due"] == "119.00"
    assert transactions(api) == [transaction]


def test_an_amount_above_the_due_one_is_refused(api: Client, issued: Json) -> None:
    transaction, id_ = received(api, "150.00"), issued["id"]
    over = allocate(api, transaction, {"invoice_id": id_, "amount": "150.00"})
    assert (over.code, over.json["errors"][0]["pointer"]) == ("PAYMENT_EXCEEDS_DUE", "/allocations/0/amount")
    accepted = allocate(api, transaction, {"invoice_id": id_, "amount": "130.00"}, accept_overpayment=True).ok()
    assert api.get(f"/invoices/{id_}").ok()["refund_due"] == "11.00"
    paid = another(api, issued)
    api.put(f"/invoices/{paid['id']}/status", {"status": "paid"}).ok()
    assert allocate(api, accepted, {"invoice_id": paid["id"]}).code == "PAYMENT_EXCEEDS_DUE"
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)
    refused = allocate(api, accepted, {"invoice_id": draft["id"]})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("INVALID_STATE", "/allocations/0/invoice_id")
    foreign = another(api, issued, currency="USD")
    assert allocate(api, accepted, {"invoice_id": foreign["id"]}).code == "ALLOCATION_CURRENCY_DIFFERS"
    assert allocate(api, accepted, {"invoice_id": paid["id"]}, {"invoice_id": paid["id"]}).status == 400


def test_the_value_date_decides_about_the_cash_discount(api: Client) -> None:
    terms = {"days": 30, "discount_percent": "2", "discount_days": 7}
    customer = api.post("/customers", customer_json()).ok(201)
    body = invoice_json(customer_id=customer["id"], payment_terms=terms, issue_date="2026-02-25", due_date=None)
    draft = api.post("/invoices", body).ok(201)
    api.post(f"/invoices/{draft['id']}/finalize").ok()
    late = {"invoice_id": draft["id"], "cash_discount": "2.38"}
    after = allocate(api, received(api, "116.62"), late).ok()
    assert (after["status"], after["allocations"][0]["cash_discount"]) == ("allocated", "2.38")
    assert api.get(f"/invoices/{draft['id']}").ok()["status"] == "paid"


def test_a_small_difference_is_closed_by_hand(api: Client, issued: Json) -> None:
    transaction, wanted = received(api, "118.40"), {"invoice_id": issued["id"], "small_difference": "0.60"}
    refused = allocate(api, transaction, wanted)
    assert (refused.status, refused.code) == (422, "SMALL_DIFFERENCE_NOT_ALLOWED")
    assert refused.json["errors"][0]["pointer"] == "/allocations/0/small_difference"
    assert api.patch("/tenant", {"bank_matching": {"small_difference": "10.01"}}).status == 400
    api.patch("/tenant", {"bank_matching": {"small_difference": "10.00"}}).ok()
    assert allocate(api, transaction, {**wanted, "small_difference": "0.59"}).status == 422
    assert allocate(api, transaction, wanted).ok()["status"] == "allocated"
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["status"], after["close_reason"], after["written_off"]) == ("closed", "small_difference", "0.60")


def test_money_that_went_out_refunds_credit(api: Client, issued: Json) -> None:
    id_ = issued["id"]
    transaction = received(api, "-19.00")
    assert allocate(api, transaction, {"invoice_id": id_}).code == "REFUND_EXCEEDS_CREDIT"
    api.post(f"/invoices/{id_}/payments", {"amount": "150.00", "accept_overpayment": True}).ok(201)
    [allocated] = allocate(api, transaction, {"invoice_id": id_}).ok()["allocations"]
    assert (allocated["kind"], allocated["amount"]) == ("refund", "19.00")
    assert api.get(f"/invoices/{id_}").ok()["refund_due"] == "12.00"


def test_twenty_documents_fit_into_one_commit(api: Client, issued: Json) -> None:
    ids = [issued["id"], *(another(api, issued)["id"] for _ in range(19))]
    after = allocate(api, received(api, "2380.00"), *({"invoice_id": one} for one in ids)).ok()
    assert (after["status"], len(after["allocations"])) == ("allocated", 20)
    assert len(api.get("/payments?limit=100").ok()["data"]) == 20


def test_the_iban_is_learned_from_one_customer(api: Client, issued: Json) -> None:
    transaction = received(api, "119.00")
    store = Store(Session(Caller.system(api.tenant_id), NOON))
    allocate(api, transaction, {"invoice_id": issued["id"]}).ok()
    assert payers_of(store, PAYERS[0]) == {issued["customer_id"]}
    [payment] = api.get(f"/invoices/{issued['id']}/payments").ok()["data"]
    freed = api.delete(f"/bank-transactions/{transaction['id']}/allocations/{payment['id']}").ok()
    assert (freed["status"], freed["unallocated"], freed["allocations"]) == ("open", "119.00", [])
    assert payers_of(store, PAYERS[0]) == frozenset()


def test_two_requests_at_once_allocate_the_money_once(api: Client, issued: Json) -> None:
    transaction, other = received(api, "119.00"), another(api, issued)
    with meanwhile(lambda: allocate(api, transaction, {"invoice_id": other["id"]}).ok()):
        refused = allocate(api, transaction, {"invoice_id": issued["id"]})
    assert refused.code == "ALLOCATION_EXCEEDS_TRANSACTION"
    assert len(api.get("/payments").ok()["data"]) == 1


def test_a_payment_by_hand_cannot_pose_as_an_allocation(api: Client, issued: Json) -> None:
    body = {"amount": "1.00", "external_id": received(api, "119.00")["id"]}
    refused = api.post(f"/invoices/{issued['id']}/payments", body)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/external_id")
