"""Deposits of buyers who are not stored: they are known by their identifiers, else by name and address."""

from typing import Any

import pytest

from tests.builders import customer_json, invoice_json, line_json
from tests.functions.test_deposits import Read, pay, sums
from tests.gateway import Client

ADDRESS = {"line1": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}


def inline(api: Client, buyer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An issued invoice for a buyer who is not stored."""
    draft = api.post("/invoices", invoice_json(customer=buyer, **fields)).ok(201)
    found: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


@pytest.mark.parametrize(
    ("buyer", "same"),
    [
        ({"name": "WERFT & Söhne  AG"}, True),
        ({"name": "Werft Holding SE", "tax_id": "DE123456788"}, False),
        ({"address": {**ADDRESS, "line1": "Kai 2"}}, False),
        ({"type": "person"}, False),
    ],
)
def test_deposits_of_a_buyer_who_is_not_stored(api: Client, read: Read, buyer: dict[str, Any], same: bool) -> None:
    first = {"name": "Werft & Söhne AG", "address": ADDRESS}
    paid = inline(api, first, purpose="deposit")
    pay(api, paid["id"], "119.00")
    wanted = {"lines": [line_json(quantity=1, unit_price="1000.00")], "deposits": [{"invoice_id": paid["id"]}]}
    answer = api.post("/invoices", invoice_json(customer={**first, **buyer}, **wanted))
    if not same:
        [error] = answer.json["errors"]
        assert (answer.status, error["pointer"]) == (422, "/deposits/0/invoice_id")
        assert error["message"] == "The deposit invoice is not for the customer of the invoice."
        return
    issued = api.post(f"/invoices/{answer.ok(201)['id']}/finalize").ok()
    assert sums(issued)["due"] == "1071.00"
    assert read(paid["id"])["final_invoice_id"] == issued["id"]


def test_a_buyer_is_known_by_its_identifiers_after_a_move(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    known = {"name": "Werft AG", "tax_id": "DE123456788", "address": ADDRESS}
    paid = inline(api, known, purpose="deposit")["id"]
    moved = {**known, "name": "Werft SE", "legal_id": "HRB 2"}
    draft = api.post("/invoices", invoice_json(customer=moved, deposits=[{"invoice_id": paid}])).ok(201)["id"]
    elsewhere = {**ADDRESS, "city": "Bremen"}
    api.put(f"/invoices/{draft}/customer-address", elsewhere).ok()
    other = api.patch(f"/invoices/{draft}", {"customer": {**moved, "tax_id": "DE136695976"}})
    assert (other.status, other.code) == (422, "DEPOSIT_NOT_DEDUCTIBLE")
    stored = api.patch(f"/invoices/{draft}", {"customer": None, "customer_id": customer})
    assert (stored.status, stored.code) == (422, "DEPOSIT_NOT_DEDUCTIBLE")
    assert api.post(f"/invoices/{draft}/finalize").ok()["deposits"][0]["invoice_id"] == paid


def test_credit_of_a_final_invoice_pays_the_deposit_of_its_buyer(api: Client, read: Read) -> None:
    buyer = {"name": "Werft & Söhne AG", "address": ADDRESS}
    unpaid = inline(api, buyer, purpose="deposit")["id"]
    whole = inline(api, buyer, deposits=[{"invoice_id": unpaid}], lines=[line_json(quantity=1, unit_price="10.00")])
    assert sums(whole)["refund_due"] == "107.10"
    pay(api, unpaid, "107.10", method="credit", source_id=whole["id"])
    assert (read(unpaid)["due"], read(whole["id"])["refund_due"]) == ("11.90", "0.00")
