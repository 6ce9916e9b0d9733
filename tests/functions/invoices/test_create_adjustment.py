"""POST /invoices/adjustments: D01 to D08."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicing.pricing.tax import Tax
from invoicing.tenants.model import Tenant
from tests.aws import seed
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client
from tests.national import FRENCH_BUYER, FRENCH_NOTES, FRENCH_TENANT
from tests.validators import findings

Read = Callable[[str], dict[str, Any]]
TAX = {"category": "S", "rate": "19"}


@pytest.fixture
def customer(api: Client) -> str:
    """A customer of an adjustment."""
    return str(api.post("/customers", customer_json()).ok(201)["id"])


def adjust(api: Client, customer: str, amount: str, **fields: object) -> dict[str, Any]:
    body = {"customer_id": customer, "amount": amount, "description": "Kulanz", "tax": TAX, **fields}
    found: dict[str, Any] = api.post("/invoices/adjustments", body).ok(201)
    return found


def test_an_amount_is_net_and_issued_at_once(api: Client, customer: str) -> None:
    issued = adjust(api, customer, "100.00", metadata={"case": "4711"})
    assert (issued["type"], issued["status"], issued["number"]) == ("invoice", "open", "INV-2026-000001")
    assert (issued["total"], issued["due"], issued["origin"]) == ("119.00", "119.00", "adjustment")
    assert (issued["metadata"], issued["lines"][0]["name"]) == ({"case": "4711"}, "Kulanz")


def test_a_negative_adjustment_is_a_credit_note_due_for_refund(api: Client, customer: str, read: Read) -> None:
    note = adjust(api, customer, "-119.00", price_tax_inclusive=True)
    assert (note["type"], note["number"], note["total"]) == ("credit_note", "CN-2026-000001", "119.00")
    assert (note["status"], note["due"], note["refund_due"], note["due_date"]) == ("open", "0.00", "119.00", None)
    assert api.post(f"/invoices/{note['id']}/payments", {"amount": "1.00"}).code == "INVALID_STATE"
    api.post(f"/invoices/{note['id']}/payments", {"amount": "119.00", "type": "refund"}).ok(201)
    after = read(note["id"])
    assert (after["status"], after["payment_status"], after["refund_due"]) == ("paid", "refunded", "0.00")


def test_its_credit_can_be_applied_to_another_invoice(api: Client, customer: str, read: Read) -> None:
    note = adjust(api, customer, "-50.00")
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    paid = {"amount": "59.50", "method": "credit", "source_id": note["id"]}
    api.post(f"/invoices/{draft}/payments", paid).ok(201)
    assert (read(note["id"])["status"], read(draft)["due"]) == ("paid", "59.50")
    voiding = api.post(f"/invoices/{note['id']}/cancel")
    assert (voiding.status, voiding.code) == (409, "INVALID_STATE")


def test_a_credit_note_states_when_and_how_it_is_refunded(api: Client, customer: str, read: Read, at: Clock) -> None:
    draft = adjust(api, customer, "-50.00", finalize=False)["id"]
    stated = {"payment_method": "bank_transfer", "payment_terms_text": "Erstattung zum Monatsende."}
    api.patch(f"/invoices/{draft}", {**stated, "due_date": "2026-03-31"}).ok()
    note = api.post(f"/invoices/{draft}/finalize").ok()
    assert (note["type"], note["due_date"], note["payment_terms"]) == ("credit_note", "2026-03-31", None)
    xml = api.get(f"/invoices/{draft}/xml?format=zugferd").text.encode("latin-1").decode()
    assert re.search("<ram:DueDateDateTime>\\s*<udt:DateTimeString[^>]*>20260331<", xml)
    assert "<ram:TypeCode>58</ram:TypeCode>" in xml
    assert "oder erstattet.\nErstattung zum Monatsende.</ram:Description>" in xml
    at.now += timedelta(days=60)
    assert read(draft)["overdue"] is False
    assert api.get("/invoices?overdue=true").ok()["data"] == []
    assert [one["id"] for one in api.get("/invoices?overdue=false").ok()["data"]] == [draft]


def test_terms_of_the_customer_are_no_terms_of_a_credit_note(api: Client, customer: str) -> None:
    draft = adjust(api, customer, "-50.00", finalize=False)["id"]
    api.patch(f"/invoices/{draft}", {"payment_terms": {"days": 10}}).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["due_date"] == "2026-03-20"
    assert adjust(api, customer, "-50.00")["due_date"] is None


def test_an_unused_credit_note_is_voided(api: Client, customer: str) -> None:
    note = adjust(api, customer, "-50.00")
    void = api.post(f"/invoices/{note['id']}/cancel").ok()
    assert (void["status"], void["refund_due"], void["due"]) == ("canceled", "0.00", "0.00")


def test_a_draft_is_finalized_later(api: Client, customer: str) -> None:
    draft = adjust(api, customer, "-50.00", finalize=False)
    assert (draft["type"], draft["status"], draft["number"], draft["refund_due"]) == (
        "credit_note",
        "draft",
        None,
        "0.00",
    )
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (issued["number"], issued["refund_due"]) == ("CN-2026-000001", "59.50")


def test_the_tax_defaults_to_that_of_the_tenant(api: Client, customer: str, tenant: Tenant) -> None:
    body = {"customer_id": customer, "amount": "100.00", "description": "Kulanz"}
    answer = api.post("/invoices/adjustments", body)
    assert (answer.status, answer.code) == (422, "TAX_MISSING")
    seed(
        tenant.id, tenant.model_copy(update={"default_tax": Tax.model_validate_json('{"category": "S", "rate": "7"}')})
    )
    assert api.post("/invoices/adjustments", body).ok(201)["total"] == "107.00"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"amount": "0.00"}, "/amount"), ({"amount": "1.001"}, "/amount"), ({"description": ""}, "/description")],
)
def test_mistakes_have_a_pointer_and_use_no_number(
    api: Client, customer: str, fields: dict[str, str], pointer: str
) -> None:
    body = {"customer_id": customer, "amount": "1.00", "description": "x", "tax": TAX, **fields}
    answer = api.post("/invoices/adjustments", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)
    assert adjust(api, customer, "1.00")["number"] == "INV-2026-000001"


def test_an_adjustment_refers_to_the_tenants_documents(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    reference = {"invoice_id": "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN", "number": "INV-1"}
    body = {"customer_id": customer, "amount": "5.00", "description": "Kulanz", "tax": {"category": "S", "rate": "19"}}
    answer = api.post("/invoices/adjustments", {**body, "references": [reference]})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/references/0/invoice_id")


def test_a_french_adjustment_has_its_notes_and_process(api: Client) -> None:
    company = ("name", "address", "vat_id", "legal_id", "legal_id_scheme", "electronic_address", "einvoice_format")
    api.patch("/tenant", FRENCH_TENANT.model_dump(mode="json", include=set(company))).ok()
    buyer = api.post("/customers", FRENCH_BUYER).ok(201)["id"]
    body = {"customer_id": buyer, "amount": "50.00", "description": "Frais", "tax": {"category": "S", "rate": "20"}}
    refused = api.post("/invoices/adjustments", body)
    assert {one["pointer"] for one in refused.json["errors"]} == {"/notes", "/business_process"}
    issued = api.post("/invoices/adjustments", body | {"notes": FRENCH_NOTES, "business_process": "S1"}).ok(201)
    assert (issued["status"], issued["business_process"], issued["notes"]) == ("open", "S1", FRENCH_NOTES)


SUPPLIER = {"bank_accounts": [{"id": "main", "iban": "DE75512108001245126199"}], "tax_number": "12/345/67890"}


@pytest.fixture
def supplier(api: Client) -> str:
    """A customer who is the seller of self-billed documents."""
    return str(api.post("/customers", customer_json(name="Zulieferer AG", supplier=SUPPLIER)).ok(201)["id"])


def test_a_self_billed_credit_note_stands_alone(api: Client, supplier: str, einvoicing: None) -> None:
    note = adjust(api, supplier, "-50.00", type_code="261")
    assert (note["type"], note["type_code"], note["refund_due"]) == ("credit_note", "261", "59.50")
    xml = api.get(f"/invoices/{note['id']}/xml?format=zugferd").text
    assert [one for one in findings(xml.encode("latin-1"), "zugferd") if one.fatal] == []
    assert "<ram:TypeCode>261</ram:TypeCode>" in xml
    assert xml.index("Zulieferer AG") < xml.index("<ram:BuyerTradeParty>") < xml.index(note["seller"]["name"])
    draft = api.post("/invoices", invoice_json(customer_id=supplier)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    applied = {"amount": "1.00", "method": "credit", "source_id": note["id"]}
    assert api.post(f"/invoices/{draft}/payments", applied).code == "CREDIT_NOT_APPLICABLE"
    owed = adjust(api, supplier, "100.00", type_code="389")
    api.post(f"/invoices/{owed['id']}/payments", {**applied, "amount": "59.50"}).ok(201)


def test_the_company_owes_self_billed_amounts(api: Client, supplier: str) -> None:
    owed = adjust(api, supplier, "100.00", type_code="389")
    api.post(f"/invoices/{owed['id']}/payments", {"amount": "19.00"}).ok(201)
    adjust(api, supplier, "-50.00", type_code="261")
    record(api)
    [account] = api.get(f"/customers/{supplier}/statement").ok()["accounts"]
    amounts = sorted(Decimal(one["amount"]) for one in account["entries"])
    assert (amounts, account["closing_balance"]) == ([Decimal("-119.00"), Decimal("19.00"), Decimal("59.50")], "-40.50")
    [row] = api.get("/reports/open-items").ok()["data"]
    assert (row["due"], row["refund_due"], row["balance"]) == ("59.50", "100.00", "-40.50")


def test_a_draft_credit_note_becomes_self_billed(api: Client, supplier: str) -> None:
    draft = adjust(api, supplier, "-50.00", finalize=False)["id"]
    refused = api.patch(f"/invoices/{draft}", {"type_code": "389"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/type_code")
    api.patch(f"/invoices/{draft}", {"type_code": "261"}).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["type_code"] == "261"


@pytest.mark.parametrize(("amount", "code"), [("-1.00", "389"), ("1.00", "261")])
def test_a_type_fits_the_sign_of_the_amount(api: Client, supplier: str, amount: str, code: str) -> None:
    body = {"customer_id": supplier, "amount": amount, "description": "x", "tax": TAX, "type_code": code}
    assert api.post("/invoices/adjustments", body).status == 400
    refused = api.post("/invoices", invoice_json(customer_id=supplier, type_code="261"))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/type_code")
