"""POST /invoices/{invoice_id}/duplicate: A01, B08 (COPY)."""

from typing import Any

from invoicing.invoices.drafts.drafting import COPIED, CORRECTED, IDENTIFYING, LINE_COPIED, LINE_CORRECTED
from invoicing.invoices.drafts.model import DraftData
from invoicing.pricing.line import NewLine
from tests.builders import customer_json, invoice_json, line_json
from tests.conftest import Clock
from tests.gateway import Client


def test_a_copy_is_an_independent_draft(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    at.now = at.now.replace(month=4)
    answer = api.post(f"/invoices/{issued['id']}/duplicate")
    copy = answer.ok(201)
    assert answer.headers["Location"] == f"/v1/invoices/{copy['id']}"
    assert (copy["status"], copy["number"], copy["origin"], copy["version"]) == ("draft", None, "duplicate", 1)
    assert (copy["issue_date"], copy["due_date"], copy["paid"], copy["last_payment"]) == (None, None, "0.00", None)
    assert (copy["files"], copy["finalized_at"], copy["seller"]) == ({}, None, None)
    assert (copy["total"], copy["customer_id"]) == (issued["total"], issued["customer_id"])
    assert not {line["id"] for line in copy["lines"]} & {line["id"] for line in issued["lines"]}
    again = api.post(f"/invoices/{copy['id']}/finalize").ok()
    assert (again["number"], again["issue_date"], again["due_date"]) == ("INV-2026-000002", "2026-04-10", "2026-04-24")


def test_a_duplicate_has_the_content_of_its_original(api: Client) -> None:
    said = invoice_json(
        customer={"name": "Laufkundschaft"},
        title="Wartung",
        introduction="Guten Tag,",
        note="n",
        closing="Gruß",
        internal_note="i",
        discount={"percent": "5"},
        shipping={"amount": "4.90"},
        custom_attributes=[{"name": "Projekt", "value": "A"}],
        custom_objects=[{"type": "project", "id": "P-1", "url": "https://erp.example/P-1"}],
        metadata={"k": "v"},
        external_id="shop-1",
        price_tax_inclusive=True,
        lines=[line_json(discount={"amount": "1.00"}, package_name="Wartung", metadata={"a": "b"})],
    )
    first = api.post("/invoices", said).ok(201)
    copy = api.post(f"/invoices/{first['id']}/duplicate").ok(201)
    own = {"id", "external_id", "origin", "lines", "created_at", "updated_at"}
    assert {name for name in first if first[name] != copy[name]} <= own
    assert copy["external_id"] is None
    without_ids = [[{**line, "id": None} for line in document["lines"]] for document in (first, copy)]
    assert without_ids[0] == without_ids[1]


def test_a_copy_has_nothing_that_identifies_the_original(api: Client) -> None:
    said = invoice_json(
        payment_reference="RF18539007547034",
        references=[{"number": "INV-1"}],
        service_period={"start": "2026-03-01", "end": "2026-03-02"},
        purchase_order_id="PO-1",
        tax_currency="EUR",
        exchange_rate="0.9",
        payment_method="sepa_direct_debit",
        mandate={"reference": "M-7"},
        lines=[
            line_json(serial_number="S-1", ordered_quantity="3", period={"start": "2026-03-01", "end": "2026-03-01"})
        ],
    )
    first = api.post("/invoices", said).ok(201)
    copy = api.post(f"/invoices/{first['id']}/duplicate").ok(201)
    own = ("payment_reference", "service_period", "purchase_order_id", "exchange_rate", "payment_method", "mandate")
    assert [copy[name] for name in own] == [None] * len(own)
    assert copy["references"] == []
    [line] = copy["lines"]
    assert (line["serial_number"], line["ordered_quantity"], line["period"]) == (None, None, None)
    assert copy["total"] == first["total"]


def test_every_field_of_a_draft_is_copied_or_not_on_purpose() -> None:
    groups = [COPIED, CORRECTED, IDENTIFYING]
    assert sorted(name for group in groups for name in group) == sorted(DraftData.model_fields)
    lines = [LINE_COPIED, LINE_CORRECTED]
    assert sorted(name for group in lines for name in group) == sorted(NewLine.model_fields)


def test_the_timeline_names_the_original(api: Client, issued: dict[str, Any]) -> None:
    copy = api.post(f"/invoices/{issued['id']}/duplicate").ok(201)
    [entry] = api.get(f"/invoices/{copy['id']}/comments?action_key=COPY").ok()["data"]
    assert (entry["type"], entry["metadata"]["copy_of"]) == ("created", issued["id"])


def test_a_repeated_request_makes_one_copy(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    first, again = (api.post(f"/invoices/{draft}/duplicate", headers={"Idempotency-Key": "d"}) for _ in range(2))
    assert first.ok(201) == again.ok(201)
    assert len(api.get("/invoices").ok()["data"]) == 2


def test_a_credit_note_is_not_copied(api: Client, issued: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit").ok(201)
    answer = api.post(f"/invoices/{note['id']}/duplicate")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "duplicate" not in answer.json["allowed_actions"]


def test_the_copy_has_the_current_customer(api: Client, issued: dict[str, Any]) -> None:
    api.patch(f"/customers/{issued['customer_id']}", {"name": customer_json()["name"] + " KG"}).ok()
    assert api.post(f"/invoices/{issued['id']}/duplicate").ok(201)["customer_name"].endswith(" KG")
