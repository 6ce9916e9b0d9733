"""DELETE /bank-transactions/{transaction_id}/allocations/{payment_id}"""

from typing import Any

import pytest

from tests.events import details
from tests.functions.bank_transactions.test_allocate_bank_transaction import allocate, received
from tests.gateway import Client

Json = dict[str, Any]


@pytest.mark.parametrize("by_invoice", [True, False])
def test_a_reversed_payment_frees_its_transaction(api: Client, issued: Json, by_invoice: bool) -> None:
    transaction = received(api, "150.00")
    [allocation] = allocate(api, transaction, {"invoice_id": issued["id"]}).ok()["allocations"]
    resource = (
        f"/invoices/{issued['id']}/payments" if by_invoice else f"/bank-transactions/{transaction['id']}/allocations"
    )
    api.delete(f"{resource}/{allocation['payment_id']}").ok()
    after = api.get(f"/bank-transactions/{transaction['id']}").ok()
    assert (after["status"], after["unallocated"], after["allocations"]) == ("open", "150.00", [])
    invoice = api.get(f"/invoices/{issued['id']}").ok()
    assert (invoice["status"], invoice["due"]) == ("open", "119.00")
    [payment] = api.get(f"/invoices/{issued['id']}/payments").ok()["data"]
    assert payment["reversal_reason"] == "error"
    [event] = details("bank_transaction.freed")
    assert event["data"]["details"]["payment_id"] == payment["id"]
    again = allocate(api, transaction, {"invoice_id": issued["id"]}).ok()
    assert again["status"] == "partly_allocated"


def test_an_allocation_is_reversed_once(api: Client, issued: Json) -> None:
    transaction = received(api, "119.00")
    [allocation] = allocate(api, transaction, {"invoice_id": issued["id"]}).ok()["allocations"]
    path = f"/bank-transactions/{transaction['id']}/allocations/{allocation['payment_id']}"
    api.delete(path).ok()
    assert api.delete(path).code == "PAYMENT_NOT_FOUND"


def test_the_payment_of_another_document_is_no_allocation(api: Client, issued: Json) -> None:
    transaction = received(api, "119.00")
    payment = api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00"}).ok(201)
    refused = api.delete(f"/bank-transactions/{transaction['id']}/allocations/{payment['id']}")
    assert (refused.status, refused.code) == (404, "PAYMENT_NOT_FOUND")
