"""POST /invoices/{invoice_id}/correct: B23."""

from collections.abc import Callable
from typing import Any

from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, line_json
from tests.catalogue import new_price
from tests.gateway import Client

Read = Callable[[str], dict[str, Any]]


def test_the_invoice_is_canceled_and_replaced_by_a_draft(api: Client, issued: dict[str, Any], read: Read) -> None:
    answer = api.post(f"/invoices/{issued['id']}/correct", {"reason": "Falscher Preis"})
    draft = answer.ok(201)
    assert (draft["status"], draft["origin"], draft["number"]) == ("draft", "correction", None)
    assert (draft["total"], draft["customer_id"]) == (issued["total"], issued["customer_id"])
    assert draft["references"] == [{"invoice_id": issued["id"], "number": issued["number"], "issue_date": "2026-03-10"}]
    assert (draft["corrects_id"], answer.headers["Location"]) == (issued["id"], f"/v1/invoices/{draft['id']}")
    old = read(issued["id"])
    assert (old["status"], old["correction_id"]) == ("canceled", draft["id"])
    assert read(old["cancellation_id"])["type"] == "cancellation"
    assert {line["id"] for line in draft["lines"]}.isdisjoint(line["id"] for line in issued["lines"])


def test_payments_move_when_the_correction_is_finalized(api: Client, issued: dict[str, Any], read: Read) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"}).ok(201)
    draft = api.post(f"/invoices/{issued['id']}/correct").ok(201)
    api.patch(f"/invoices/{draft['id']}", {"lines": [line_json(unit_price="40.00")]}).ok()
    corrected = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (corrected["total"], corrected["status"], corrected["paid"]) == ("95.20", "paid", "95.20")
    old = read(issued["id"])
    assert (old["paid"], old["refund_due"], old["payment_status"]) == ("23.80", "23.80", "paid")
    [payment] = api.get(f"/invoices/{draft['id']}/payments").ok()["data"]
    assert (payment["method"], payment["source_id"], payment["amount"]) == ("credit", issued["id"], "95.20")


def test_the_uncovered_amount_stays_due(api: Client, issued: dict[str, Any], read: Read) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    draft = api.post(f"/invoices/{issued['id']}/correct").ok(201)
    corrected = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (corrected["status"], corrected["paid"], corrected["due"]) == ("open", "19.00", "100.00")
    assert read(issued["id"])["refund_due"] == "0.00"


def test_money_stays_with_the_customer_who_paid_it(api: Client, issued: dict[str, Any], read: Read) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"}).ok(201)
    draft = api.post(f"/invoices/{issued['id']}/correct").ok(201)
    other = api.post("/customers", customer_json(name="Richtige GmbH")).ok(201)["id"]
    api.patch(f"/invoices/{draft['id']}", {"customer_id": other}).ok()
    assert api.post(f"/invoices/{draft['id']}/finalize").ok()["paid"] == "0.00"
    assert read(issued["id"])["refund_due"] == "119.00"


def test_a_draft_or_a_canceled_invoice_is_not_corrected(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post(f"/invoices/{issued['id']}/correct").ok(201)
    for id_ in (draft["id"], issued["id"]):
        assert api.post(f"/invoices/{id_}/correct").code == "INVALID_STATE"


def test_both_documents_change_in_one_transaction(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("correct_invoice") as calls:
        api.post(f"/invoices/{issued['id']}/correct").ok(201)
    assert calls.names["dynamodb:TransactWriteItems"] == 1


def test_the_correction_keeps_the_prices_of_the_catalogue(api: Client, read: Read) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    lines = [{"price_id": new_price(api), "quantity": "2"}]
    invoice = api.post("/invoices", invoice_json(customer_id=customer, lines=lines)).ok(201)
    api.post(f"/invoices/{invoice['id']}/finalize").ok()
    draft = api.post(f"/invoices/{invoice['id']}/correct").ok(201)
    canceled = read(read(invoice["id"])["cancellation_id"])
    for line in (draft["lines"][0], canceled["lines"][0]):
        assert (line["price_id"], line["price_version"]) == (invoice["lines"][0]["price_id"], 1)
