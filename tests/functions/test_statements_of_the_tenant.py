"""Notes, process and tax point that a tenant states once, on documents that no user writes."""

import json
from typing import Any

import pytest

from invoicing.core.einvoice import DocumentNote, XmlFormat
from invoicing.core.ids import new_id
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, previewed
from invoicing.tenants.model import Tenant
from tests import builders
from tests.aws import AwsCalls, seed
from tests.builders import NOON, customer_json, invoice_json, item_json
from tests.conftest import Clock
from tests.einvoices import MOMENT
from tests.events import details
from tests.gateway import Client
from tests.national import FRENCH_BUYER, FRENCH_LINE, FRENCH_NOTES, FRENCH_TENANT
from tests.subscriptions import bill, invoices, subscribe
from tests.unit.test_einvoice import Read
from tests.validators import findings
from tests.world import signed_in

FORMAT: XmlFormat = "facturx_fr"
TAX = {"category": "S", "rate": "20"}
STATED: dict[str, Any] = {"notes": FRENCH_NOTES[:3], "business_process": "S1", "tax_point_code": "432"}


@pytest.fixture
def french(aws: AwsCalls) -> Client:
    """An admin of a French company, which gets a new identifier for each test."""
    company: Tenant = FRENCH_TENANT.model_copy(update={"id": builders.tenant().id, "email_sender": None})
    seed(company.id, company)
    return signed_in(company)


def buyer(api: Client, **fields: object) -> str:
    known = {name: value for name, value in FRENCH_BUYER.items() if value is not None}
    return str(api.post("/customers", customer_json(**known, **fields)).ok(201)["id"])


def billed(api: Client) -> dict[str, Any]:
    """The invoice of a subscription that is issued by the clock."""
    item = item_json("Entretien", "49.00")
    item["line"]["tax"] = TAX
    made = subscribe(api, customer_id=buyer(api), items=[item], action="finalize")
    bill(api, made)
    [invoice] = invoices(api, made)
    return invoice


def test_a_french_subscription_bills_with_them(french: Client, at: Clock) -> None:
    assert billed(french)["status"] == "draft"
    french.patch("/tenant", STATED).ok()
    invoice = billed(french)
    assert (invoice["status"], invoice["notes"]) == ("open", STATED["notes"])
    xml = french.get(f"/invoices/{invoice['id']}/xml?format={FORMAT}").text.encode()
    assert [one.rule for one in findings(xml, FORMAT) if one.fatal] == []
    read = Read(xml, FORMAT)
    assert read.text("//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID", "") == "S1"
    assert read.text("//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:DueDateTypeCode", "") == "72"


def test_previews_show_them() -> None:
    tenant = FRENCH_TENANT.model_copy(
        update=STATED | {"notes": tuple(map(DocumentNote.model_validate, STATED["notes"]))}
    )
    new = NewInvoice.model_validate_json(json.dumps({"customer": {"name": "Une SA"}, "lines": [FRENCH_LINE]}))
    draft = Invoice.draft(new_id("inv", NOON), new, customer=None, tenant=tenant, moment=MOMENT)
    shown = previewed(draft, Parties(tenant, None), today=NOON.date())
    first, *remarks = letter(shown)["remarks"]
    assert (first.split(" :")[0], remarks) == ("Comptabilité de caisse", [note["text"] for note in FRENCH_NOTES[:3]])


def test_they_are_no_needs_of_each_invoice_then(french: Client) -> None:
    french.patch("/tenant", STATED).ok()
    needed = french.get("/tenant/readiness").ok()["each_invoice"]
    assert {one["pointer"] for one in needed} == {"/customer/electronic_address"}


def issued(api: Client, **fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"customer_id": buyer(api), "lines": [FRENCH_LINE], **fields}
    draft = api.post("/invoices", invoice_json(**given)).ok(201)
    answer: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize", {"due_date": "2026-04-30"}).ok()
    return answer


def test_a_documents_own_statements_take_precedence(french: Client) -> None:
    french.patch("/tenant", STATED).ok()
    own = [{"subject_code": "AAB", "text": "Escompte de 2 %"}, FRENCH_NOTES[3]]
    invoice = issued(french, notes=own, business_process="B1", tax_point_date="2026-03-01")
    assert invoice["notes"] == [*own, *FRENCH_NOTES[:2]]
    assert (invoice["business_process"], invoice["tax_point_code"]) == ("B1", None)


def test_credit_notes_take_over_those_of_their_invoice(french: Client) -> None:
    french.patch("/tenant", STATED).ok()
    invoice = issued(french)
    french.patch("/tenant", {"notes": [], "business_process": None}).ok()
    note = french.post(f"/invoices/{invoice['id']}/credit", {"amount": "12.00", "reason": "incorrect"}).ok(201)
    assert (note["notes"], note["business_process"]) == (STATED["notes"], "S1")


@pytest.mark.parametrize("format_", ["xrechnung", "peppol"])
def test_formats_with_a_usual_process_keep_it(api: Client, format_: str) -> None:
    address = {"scheme": "9930", "id": "DE136695976"}
    contact = {"name": "Buchhaltung", "phone": "+49 40 123456", "email": "rechnung@nordlicht.example"}
    ours = {"electronic_address": {"scheme": "9930", "id": "DE123456788"}, "contact": contact}
    api.patch("/tenant", {**STATED, **ours}).ok()
    customer = customer_json(einvoice_format=format_, electronic_address=address, buyer_reference="K-1")
    made = api.post("/customers", customer).ok(201)
    draft = api.post("/invoices", invoice_json(customer_id=made["id"])).ok(201)
    assert api.post(f"/invoices/{draft['id']}/finalize").ok()["business_process"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": [builders.line_json(tax={"category": "E", "exemption_reason": "§ 4 Nr. 21 UStG"})]},
        {"type_code": "389"},
    ],
    ids=["untaxed", "self-billed"],
)
def test_the_tax_point_is_of_the_companys_own_tax(api: Client, fields: dict[str, Any]) -> None:
    api.patch("/tenant", {"tax_point_code": "432"}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    found = [issued(api, customer_id=customer, **one)["tax_point_code"] for one in ({"lines": [FRENCH_LINE]}, fields)]
    assert found == ["432", None]


def test_the_longest_notes_can_be_stored(api: Client) -> None:
    notes = [{"subject_code": f"AA{letter_}", "text": "x" * 5_000} for letter_ in "ABCDEFGHIJ"]
    assert api.patch("/tenant", {"notes": notes}).ok()["notes"] == notes
    [event] = details("tenant.updated")
    assert (event["data"]["changed"], "notes" in event["data"]["object"]) == (["notes"], False)


def test_more_notes_than_a_document_can_have_are_refused(api: Client) -> None:
    api.patch("/tenant", {"notes": FRENCH_NOTES}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, notes=[{"text": "a"}] * 17)).ok(201)
    answer = api.post(f"/invoices/{draft['id']}/finalize")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/notes")
