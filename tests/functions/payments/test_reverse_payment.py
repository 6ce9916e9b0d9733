"""DELETE /invoices/{invoice_id}/payments/{payment_id}: B30."""

from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import invoice_json
from tests.conftest import Clock
from tests.gateway import Client


def pay(api: Client, invoice: dict[str, Any], amount: str, **fields: object) -> dict[str, Any]:
    found: dict[str, Any] = api.post(f"/invoices/{invoice['id']}/payments", {"amount": amount, **fields}).ok(201)
    return found


def another(api: Client, invoice: dict[str, Any]) -> dict[str, Any]:
    draft = api.post("/invoices", invoice_json(customer_id=invoice["customer_id"])).ok(201)
    found: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


@pytest.mark.parametrize("reason", ["error", "returned", "chargeback"])
def test_reversing_a_payment_keeps_it_and_reopens_the_invoice(api: Client, issued: dict[str, Any], reason: str) -> None:
    path = f"/invoices/{issued['id']}"
    payment = pay(api, issued, "116.62", cash_discount="2.38")
    gone = api.delete(f"{path}/payments/{payment['id']}?reason={reason}").ok()
    assert (gone["reversal_reason"], gone["reversed_at"] is None) == (reason, False)
    assert [one["id"] for one in api.get(f"{path}/payments").ok()["data"]] == [payment["id"]]
    after = api.get(path).ok()
    assert (after["status"], after["payment_status"], after["paid"], after["due"]) == (
        "open",
        "unpaid",
        "0.00",
        "119.00",
    )
    assert (after["cash_discount_taken"], after["last_payment"]) == ("0.00", None)
    [entry] = api.get(f"{path}/comments?action_key=DELETE_PAYMENT").ok()["data"]
    assert entry["metadata"]["reason"] == reason


def test_the_payment_before_it_is_the_last_one_again(api: Client, issued: dict[str, Any], at: Clock) -> None:
    first = pay(api, issued, "19.00")
    at.now = at.now.replace(minute=1)
    second = pay(api, issued, "100.00")
    api.delete(f"/invoices/{issued['id']}/payments/{second['id']}").ok()
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["last_payment"]["id"], after["payment_status"]) == (first["id"], "partially_paid")


def test_a_payment_is_reversed_once(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/payments/{pay(api, issued, '119.00')['id']}"
    api.delete(path).ok()
    again = api.delete(path)
    assert (again.status, again.code) == (409, "PAYMENT_REVERSED")


def test_a_reversed_payment_cannot_be_reversed_again(api: Client, issued: dict[str, Any]) -> None:
    payment = pay(api, issued, "119.00")
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    refund = pay(api, issued, "119.00", type="refund")
    answer = api.delete(f"/invoices/{issued['id']}/payments/{payment['id']}?reason=chargeback")
    assert (answer.status, answer.code) == (422, "REVERSAL_EXCEEDS_PAID")
    api.delete(f"/invoices/{issued['id']}/payments/{refund['id']}").ok()
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["refund_due"], after["refunded"], after["payment_status"]) == ("119.00", "0.00", "paid")


def test_applied_credit_returns_to_its_source(api: Client, issued: dict[str, Any]) -> None:
    pay(api, issued, "150.00", accept_overpayment=True)
    other = another(api, issued)
    payment = pay(api, other, "31.00", method="credit", source_id=issued["id"])
    api.delete(f"/invoices/{other['id']}/payments/{payment['id']}").ok()
    assert api.get(f"/invoices/{other['id']}").ok()["paid"] == "0.00"
    assert api.get(f"/invoices/{issued['id']}").ok()["refund_due"] == "31.00"
    refund = next(one for one in api.get(f"/invoices/{issued['id']}/payments").ok()["data"] if one["type"] == "refund")
    assert (refund["id"], refund["reversal_reason"]) == (payment["counterpart_id"], "error")


def test_its_external_id_stays_in_use(api: Client, issued: dict[str, Any]) -> None:
    payment = pay(api, issued, "119.00", external_id="bank-1")
    api.delete(f"/invoices/{issued['id']}/payments/{payment['id']}").ok()
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00", "external_id": "bank-1"})
    assert (answer.status, answer.code) == (409, "DUPLICATE_EXTERNAL_ID")


def test_a_payment_of_another_invoice_is_not_found(api: Client, issued: dict[str, Any]) -> None:
    payment = pay(api, issued, "1.00")
    answer = api.delete(f"/invoices/{another(api, issued)['id']}/payments/{payment['id']}")
    assert (answer.status, answer.code) == (404, "PAYMENT_NOT_FOUND")


def test_no_lines_are_written(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    payment = pay(api, issued, "1.00")
    with aws.only("reverse_payment") as calls:
        api.delete(f"/invoices/{issued['id']}/payments/{payment['id']}").ok()
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:Query": 1, "dynamodb:TransactWriteItems": 1}
    sorts = [one["Put"]["Item"]["SK"]["S"] for one in calls.calls[-1].params["TransactItems"] if "Put" in one]
    assert not [sort for sort in sorts if sort.startswith("#BODY")]
