"""Split payment in Italy: the tax is on every document and in every report, and nobody owes it to the seller."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import customer_json, invoice_json, line_json
from tests.conftest import Clock
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client

Json = dict[str, Any]
MODENA = {"line1": "Via Emilia 2", "postal_code": "41121", "city": "Modena", "country": "IT"}
REGGIO = {"line1": "Via Roma 1", "postal_code": "42121", "city": "Reggio Emilia", "country": "IT"}
LINE = line_json(quantity=1, unit_price="100.00", tax={"category": "B", "rate": "22"})


@pytest.fixture
def customer(api: Client) -> str:
    """An Italian authority, whose seller is Italian too."""
    api.patch("/tenant", {"address": REGGIO, "vat_id": "IT01598570354", "einvoice_format": "peppol",
                          "electronic_address": {"scheme": "0201", "id": "UF6WX8"}}).ok()  # fmt: skip
    authority = customer_json(
        address=MODENA,
        tax_id="IT02241850367",
        buyer_reference="110#2020-02-05#ABCDEF",
        electronic_address={"scheme": "0201", "id": "UFLCTZ"},
    )
    return str(api.post("/customers", authority).ok(201)["id"])


def issued(api: Client, customer: str, **fields: Any) -> Json:
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=[LINE], **fields)).ok(201)
    found: Json = api.post(f"/invoices/{draft['id']}/finalize", {}).ok()
    return found


def owed(invoice: Json) -> tuple[str, ...]:
    return tuple(invoice[name] for name in ("total", "split_tax", "payable", "paid", "credited", "due", "refund_due"))


def taxes(api: Client, basis: str) -> list[tuple[str, str, str]]:
    found = api.get(f"/reports/tax?basis={basis}&from=2026-03-01").ok()["data"]
    return [(one["category"], one["taxable"], one["tax"]) for one in found]


def test_a_life_with_split_payment(api: Client, customer: str, at: Clock) -> None:
    invoice = issued(api, customer)
    path = f"/invoices/{invoice['id']}"
    assert owed(invoice) == ("122.00", "22.00", "100.00", "0.00", "0.00", "100.00", "0.00")
    refused = api.post(f"{path}/payments", {"amount": "122.00"})
    assert (refused.status, refused.json["code"]) == (422, "PAYMENT_EXCEEDS_DUE")
    at.now += timedelta(days=1)
    api.post(f"{path}/payments", {"amount": "60.00"}).ok(201)
    at.now += timedelta(minutes=1)
    note = api.post(f"{path}/credit", {"amount": "61.00"}).ok(201)
    assert (note["total"], note["split_tax"], note["payable"]) == ("61.00", "11.00", "50.00")
    assert (note["credit_settlement"]["set_off"], note["credit_settlement"]["refund"]) == ("40.00", "10.00")
    assert owed(api.get(path).ok()) == ("122.00", "22.00", "100.00", "60.00", "50.00", "0.00", "10.00")
    record(api)
    assert taxes(api, "issued") == [("B", "50.00", "11.00")]
    assert taxes(api, "paid") == [("B", "60.00", "13.20")], "the rest is for what is credited, until it is refunded"
    [account] = api.get(f"/customers/{customer}/statement?from=2026-03-01").ok()["accounts"]
    entries = [(one["type"], one["amount"], one["balance"]) for one in account["entries"]]
    assert entries == [("document", "100.00", "100.00"), ("payment", "-60.00", "40.00"), ("credit", "-50.00", "-10.00")]
    assert "PrepaidAmount" in api.get(f"/invoices/{note['id']}/xml").text
    api.post(f"{path}/cancel", {}).ok()
    assert owed(api.get(path).ok()) == ("122.00", "22.00", "100.00", "60.00", "100.00", "0.00", "60.00")
    api.post(f"{path}/reactivate", {}).ok()
    api.post(f"/invoices/{note['id']}/cancel", {}).ok()
    api.post(f"{path}/payments", {"amount": "40.00"}).ok(201)
    assert owed(api.get(path).ok()) == ("122.00", "22.00", "100.00", "100.00", "0.00", "0.00", "0.00")
    record(api)
    assert taxes(api, "issued") == taxes(api, "paid") == [("B", "100.00", "22.00")]


def test_a_correction_takes_the_paid_net_over(api: Client, customer: str) -> None:
    invoice = issued(api, customer)
    api.post(f"/invoices/{invoice['id']}/payments", {"amount": "100.00"}).ok(201)
    draft = api.post(f"/invoices/{invoice['id']}/correct", {}).ok(201)
    after = api.post(f"/invoices/{draft['id']}/finalize", {}).ok()
    assert owed(after) == ("122.00", "22.00", "100.00", "100.00", "0.00", "0.00", "0.00")
    xml = api.get(f"/invoices/{after['id']}/xml").text
    assert '<cbc:PrepaidAmount currencyID="EUR">122.00</cbc:PrepaidAmount>' in xml


def test_a_deposit_is_refused_by_its_code(api: Client, customer: str) -> None:
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=[LINE], purpose="deposit")).ok(201)
    refused = api.post(f"/invoices/{draft['id']}/finalize", {})
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "SPLIT_PAYMENT_NOT_SUPPORTED")


def test_overdue_letters_ask_for_the_net(api: Client, customer: str, at: Clock) -> None:
    rule = {"level": 1, "customer_type": "any", "days_overdue": 3, "due_in_days": 7, "type": "reminder"}
    api.post("/dunning-rules", rule).ok(201)
    issued(api, customer, due_date="2026-03-12")
    at.now += timedelta(days=10)
    [letter] = api.post("/dunning-runs", {"dry_run": True}).ok()["reached"]
    assert letter["step"]["open"] == "100.00"
