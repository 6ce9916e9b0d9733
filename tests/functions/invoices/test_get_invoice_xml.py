"""GET /invoices/{invoice_id}/xml"""

import base64
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from invoicing.aws.files import read
from invoicing.core.einvoice import XmlFormat
from invoicing.core.identity import Role
from invoicing.documents.einvoice.cii import NAMESPACES
from invoicing.http import responses
from tests.attachments import SHEET, issued_with_files
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.einvoices import GERMAN_FORMATS
from tests.events import deliver_raw
from tests.forms import PDF
from tests.gateway import Client
from tests.uploads import keys, stored, tagged
from tests.validators import findings

PREFIXES = {prefix: name for prefix, name in NAMESPACES.items() if prefix}
LEITWEG_ID = "04011000-1234512345-06"


def issued_to(api: Client, **customer: Any) -> str:
    """An invoice that was issued to such a customer."""
    id_ = api.post("/customers", customer_json(**customer)).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=id_)).ok(201)["id"]
    return str(api.post(f"/invoices/{draft}/finalize").ok()["id"])


def content_of(api: Client, invoice: str) -> bytes:
    """The XML of a document in its own format."""
    answer = api.get(f"/invoices/{invoice}/xml")
    assert answer.status == 200, answer.text
    return answer.text.encode("latin-1")


@pytest.mark.parametrize("format_", ["zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol"])
def test_an_issued_invoice_is_available_in_every_format(api: Client, einvoicing: None, format_: XmlFormat) -> None:
    invoice = issued_to(api, leitweg_id=LEITWEG_ID)
    answer = api.get(f"/invoices/{invoice}/xml?format={format_}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"INV-2026-000001.xml\"; filename*=UTF-8''INV-2026-000001.xml"
    )
    xml = answer.text.encode("latin-1")
    assert [one for one in findings(xml, format_) if one.fatal] == []


@pytest.mark.parametrize(
    ("format_", "root"),
    [
        ("none", "CrossIndustryInvoice"),
        ("zugferd", "CrossIndustryInvoice"),
        ("xrechnung", "Invoice"),
        ("peppol", "Invoice"),
    ],
)
def test_the_default_format_is_that_of_the_document(api: Client, einvoicing: None, format_: str, root: str) -> None:
    invoice = issued_to(api, leitweg_id=LEITWEG_ID, einvoice_format=format_)
    xml = content_of(api, invoice)
    assert etree.QName(etree.fromstring(xml)).localname == root


def test_credit_notes_and_cancellations_name_their_invoice(api: Client, issued: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit", {"amount": "19.00"}).ok(201)["id"]
    canceled = api.post(f"/invoices/{issued['id']}/cancel").ok()["cancellation_id"]
    for document in (note, canceled):
        xml = content_of(api, document)
        found = etree.fromstring(xml).xpath
        assert found("string(//rsm:ExchangedDocument/ram:TypeCode)", namespaces=PREFIXES) == "381"
        preceding = found("string(//ram:InvoiceReferencedDocument/ram:IssuerAssignedID)", namespaces=PREFIXES)
        assert preceding == issued["number"]
        assert [one for one in findings(xml, "zugferd") if one.fatal] == []


def test_missing_fields_are_named_with_rule_and_pointer(api: Client, issued: dict[str, Any]) -> None:
    answer = api.get(f"/invoices/{issued['id']}/xml?format=xrechnung_ubl")
    assert (answer.status, answer.code) == (422, "EN16931_RULE_BROKEN")
    errors = {(error["code"], error["pointer"]) for error in answer.json["errors"]}
    assert errors == {("BR-DE-6", "/seller/contact/phone"), ("BR-DE-15", "/buyer_reference")}
    assert any("BT-42" in error["message"] for error in answer.json["errors"])


@pytest.mark.parametrize(
    ("format_", "rules"),
    [
        ("facturx_fr", {"BR-FR-05", "BR-FR-08", "BR-FR-10", "BR-FR-16"}),
        ("cius_ro", {"BR-RO-030"}),
    ],
)
def test_formats_of_other_countries_name_their_own_rules(
    api: Client, issued: dict[str, Any], format_: str, rules: set[str]
) -> None:
    answer = api.get(f"/invoices/{issued['id']}/xml?format={format_}")
    assert (answer.status, answer.code) == (422, "EN16931_RULE_BROKEN")
    assert {error["code"] for error in answer.json["errors"]} == rules


def test_drafts_and_unknown_formats_are_refused(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    assert api.get(f"/invoices/{draft}/xml").code == "INVALID_STATE"
    assert api.get(f"/invoices/{issued['id']}/xml?format=edifact").status == 400


def test_later_payments_do_not_change_the_xml(api: Client, issued: dict[str, Any], at: Clock) -> None:
    before = content_of(api, issued["id"])
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    assert content_of(api, issued["id"]) == before


def test_an_xml_too_large_for_a_response_is_redirected_to(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    xml = content_of(api, issued["id"])
    before = set(keys(api.tenant_id))
    monkeypatch.setattr(responses, "MOST_BYTES", len(xml) - 1)
    answer = api.get(f"/invoices/{issued['id']}/xml")
    assert (answer.status, answer.text) == (303, "")
    url = urllib.parse.urlsplit(answer.headers["Location"])
    [key] = set(keys(api.tenant_id)) - before
    assert url.path.endswith(key)
    asked = urllib.parse.parse_qs(url.query)
    assert asked["X-Amz-Expires"] == ["300"]
    assert asked["response-content-disposition"][0].startswith('attachment; filename="INV-2026-000001.xml"')
    tenant, file, sha256 = key.split("/")
    assert read(tenant, file, sha256) == xml
    assert deliver_raw("delete_unreferenced_file", stored(key)) == []
    assert set(keys(api.tenant_id)) == before, "it is deleted after the URL has expired"


def test_it_takes_one_call(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("get_invoice_xml") as calls:
        assert api.get(f"/invoices/{issued['id']}/xml").status == 200
    assert calls.names == {"dynamodb:Query": 1}


def test_a_correction_names_its_original_and_its_payments(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    draft = api.post(f"/invoices/{issued['id']}/correct").ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    api.post(f"/invoices/{draft}/payments", {"amount": "10.00"}).ok(201)
    xml = content_of(api, draft)
    found = etree.fromstring(xml).xpath
    said = [found(f"string(//ram:{name})", namespaces=PREFIXES) for name in ("TotalPrepaidAmount", "DuePayableAmount")]
    assert said == ["19.00", "100.00"]
    assert found("string(//rsm:ExchangedDocument/ram:TypeCode)", namespaces=PREFIXES) == "380"
    assert (
        found("string(//ram:InvoiceReferencedDocument/ram:IssuerAssignedID)", namespaces=PREFIXES) == issued["number"]
    )
    assert [one for one in findings(xml, "zugferd") if one.fatal] == []


def draft_to(api: Client, **customer: Any) -> str:
    """A draft to such a customer."""
    id_ = api.post("/customers", customer_json(**customer)).ok(201)["id"]
    return str(api.post("/invoices", invoice_json(customer_id=id_)).ok(201)["id"])


def contained(xml: bytes) -> list[tuple[str | None, str | None, bytes]]:
    """The files in an XML, with their names and media types."""
    found = etree.fromstring(xml, etree.XMLParser(huge_tree=True)).iter(
        "{*}AttachmentBinaryObject", "{*}EmbeddedDocumentBinaryObject"
    )
    return [(one.get("filename"), one.get("mimeCode"), base64.b64decode(one.text or "")) for one in found]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_contains_the_chosen_files(api: Client, einvoicing: None, format_: XmlFormat) -> None:
    issued = issued_with_files(api, draft_to(api, leitweg_id=LEITWEG_ID))
    answer = api.get(f"/invoices/{issued['id']}/xml?format={format_}")
    xml = answer.text.encode("latin-1")
    assert contained(xml) == [("Stunden.csv", "text/csv", SHEET[1]), ("Lieferschein.pdf", "application/pdf", PDF)]
    assert [one for one in findings(xml, format_) if one.fatal] == []


def test_an_xml_with_large_files_is_redirected_to(api: Client, einvoicing: None) -> None:
    scan = PDF.ljust(3_200_000, b"x")
    issued = issued_with_files(api, draft_to(api), ("scan.pdf", scan, "application/pdf"))
    before = set(keys(api.tenant_id))
    answer = api.get(f"/invoices/{issued['id']}/xml?format=zugferd")
    assert (answer.status, answer.text) == (303, "")
    [key] = set(keys(api.tenant_id)) - before
    assert contained(read(*key.split("/"))) == [("scan.pdf", "application/pdf", scan)]


def test_a_file_found_harmful_later_leaves_no_document(api: Client, einvoicing: None) -> None:
    issued = issued_with_files(api, draft_to(api))
    note = api.get(f"/invoices/{issued['id']}/notes/{issued['attachments'][0]['note_id']}").ok()
    assert deliver_raw("quarantine_file", tagged(api.tenant_id, note["files"][1])) == []
    refused = api.get(f"/invoices/{issued['id']}/xml")
    assert (refused.status, refused.code) == (409, "FILE_NOT_READY")
    assert "malware" in refused.json["detail"]


def test_customers_of_the_portal_get_the_files_in_the_xml(
    api: Client, einvoicing: None, sign_in: Callable[..., Client]
) -> None:
    issued = issued_with_files(api, draft_to(api))
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    assert [name for name, _, _ in contained(content_of(portal, issued["id"]))] == ["Stunden.csv", "Lieferschein.pdf"]
    assert portal.get(f"/invoices/{issued['id']}/notes").status == 403
