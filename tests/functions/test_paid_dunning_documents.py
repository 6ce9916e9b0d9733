"""Dunning documents are paid with their invoice and all fees, and due again when a payment is reversed."""

from datetime import timedelta
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import deliver_letters, reach
from tests.gateway import Client


@pytest.fixture
def dunned(api: Client, rendered: dict[str, Any], at: Clock) -> dict[str, Any]:
    """An invoice over 119.00 that was dunned twice; 10.00 of fees are due."""
    for level in (1, 2):
        rule = rule_json(level=level, days_overdue=8, type="dunning", fees={"EUR": "5.00"})
        api.post("/dunning-rules", rule).ok(201)
        at.now += timedelta(days=30)
        reach(api.tenant_id, rendered["id"], at.now)
        deliver_letters(api, at.now)
    return rendered


def listed(api: Client, status: str) -> list[int]:
    return [one["level"] for one in api.get(f"/dunning-documents?status={status}&order=asc").ok()["data"]]


def pay(api: Client, invoice: dict[str, Any], amount: str) -> str:
    return str(api.post(f"/invoices/{invoice['id']}/payments", {"amount": amount}).ok(201)["id"])


def test_documents_are_paid_with_the_invoice_and_all_fees(api: Client, dunned: dict[str, Any]) -> None:
    pay(api, dunned, "119.00")
    assert (listed(api, "paid"), listed(api, "sent")) == ([], [1, 2])
    pay(api, dunned, "10.00")
    assert (listed(api, "paid"), listed(api, "sent")) == ([1, 2], [])


def test_a_reversed_payment_makes_them_due_again(api: Client, dunned: dict[str, Any]) -> None:
    payment = pay(api, dunned, "129.00")
    api.delete(f"/invoices/{dunned['id']}/payments/{payment}").ok()
    assert (listed(api, "paid"), listed(api, "sent")) == ([], [1, 2])


def test_a_waived_fee_can_be_the_last_that_was_due(api: Client, dunned: dict[str, Any]) -> None:
    pay(api, dunned, "124.00")
    [second] = [one for one in api.get("/dunning-documents").ok()["data"] if one["level"] == 2]
    api.post(f"/dunning-documents/{second['id']}/cancel").ok()
    assert (listed(api, "paid"), listed(api, "canceled")) == ([1], [2])


def test_a_canceled_document_is_never_paid(api: Client, dunned: dict[str, Any]) -> None:
    [second] = [one for one in api.get("/dunning-documents").ok()["data"] if one["level"] == 2]
    api.post(f"/dunning-documents/{second['id']}/cancel").ok()
    pay(api, dunned, "124.00")
    assert (listed(api, "paid"), listed(api, "canceled")) == ([1], [2])


def test_a_credit_note_that_settles_the_rest_pays_them(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    reach(api.tenant_id, rendered["id"], at.now)
    deliver_letters(api, at.now)
    pay(api, rendered, "100.00")
    note = api.post(f"/invoices/{rendered['id']}/credit", {"amount": "19.00"}).ok(201)
    assert listed(api, "paid") == [1]
    api.post(f"/invoices/{note['id']}/cancel").ok()
    assert listed(api, "sent") == [1]


def test_a_paid_status_pays_only_the_invoice(api: Client, dunned: dict[str, Any]) -> None:
    api.put(f"/invoices/{dunned['id']}/status", {"status": "paid"}).ok()
    assert listed(api, "sent") == [1, 2]


def test_a_payment_without_dunning_reads_no_documents(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("record_payment") as asked:
        pay(api, issued, "119.00")
    assert asked.names == {"dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}
