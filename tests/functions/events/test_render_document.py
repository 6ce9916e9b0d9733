"""invoice.finalized → its files: A21."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from invoicing.aws.files import delete, key_of, read
from invoicing.core.einvoice import XmlFormat
from invoicing.documents.letter import letter
from invoicing.tenants.model import Tenant
from tests.attachments import SHEET, issued_with_files
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import boto
from tests.builders import customer_json, invoice_json
from tests.events import deliver, deliver_raw, details, dlq_messages
from tests.forms import PDF
from tests.gateway import Client
from tests.logos import base64_of, pictures, png
from tests.mails import sent
from tests.national import FRENCH_BUYER, FRENCH_LINE, FRENCH_NOTES, FRENCH_TENANT
from tests.pdf_files import embedded
from tests.races import meanwhile
from tests.unit.test_pdf import invoice_of
from tests.uploads import tagged
from tests.validators import findings


def test_a_finalized_invoice_gets_its_pdf_once(api: Client, issued: dict[str, str], aws: AwsCalls) -> None:
    [finalized] = details("invoice.finalized")
    assert deliver("render_document", finalized) == []
    file = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    assert (file["status"], len(file["sha256"])) == ("available", 64)
    assert file["size"] > 5_000
    assert deliver("render_document", finalized) == []
    assert aws.names["s3:PutObject"] == 1
    assert len(details("document.rendered")) == 1
    assert details("email.requested") == []


def test_an_issued_document_is_locked_until_its_retention_ends(
    api: Client, issued: dict[str, str], tenant: Tenant, locks: Callable[[str], Any]
) -> None:
    """§ 14b (1) UStG: eight years from the end of the calendar year of issue."""
    assert deliver("render_document", *details("invoice.finalized")) == []
    file = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    key = key_of(tenant.id, file["id"], file["sha256"])
    until = datetime(2035, 1, 2, tzinfo=UTC)
    assert locks(key) == {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    bucket, s3 = ENVIRONMENT["FILES_BUCKET"], boto("s3")
    [version] = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
    # The service only hides files, which a lock allows; a hidden document can be restored.
    delete(tenant.id, file["id"], file["sha256"])
    assert [one["VersionId"] for one in s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]] == [
        version["VersionId"]
    ]


def test_a_lost_file_is_rendered_again(api: Client, issued: dict[str, str], tenant: Tenant) -> None:
    [finalized] = details("invoice.finalized")
    assert deliver("render_document", finalized) == []
    before = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    delete(tenant.id, before["id"], before["sha256"])
    assert deliver("render_document", {**finalized, "id": "evt_again"}) == []
    assert api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"] == before
    assert len(read(tenant.id, before["id"], before["sha256"])) == before["size"]


def test_the_email_is_requested_with_the_pdf(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
    deliver("render_document", *details("invoice.finalized"))
    [requested] = details("email.requested")
    assert requested["data"]["details"]["to"] == ["einkauf@suess.example"]
    assert requested["data"]["object"]["files"]["pdf"]["status"] == "available"


def test_only_the_failed_message_goes_back_into_the_queue(api: Client, issued: dict[str, str]) -> None:
    [finalized] = details("invoice.finalized")
    missing = {**finalized, "id": "evt_missing", "resource": {**finalized["resource"], "id": finalized["id"]}}
    assert deliver("render_document", missing, finalized) == ["evt_missing"]
    assert api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]["status"] == "available"


def test_a_document_keeps_the_logo_that_it_was_issued_with(api: Client, tenant: Tenant) -> None:
    api.put("/tenant/logo", {"image": base64_of(png(300, 90))}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    api.put("/tenant/logo", {"image": base64_of(png(64, 64))}).ok()
    assert deliver("render_document", *details("invoice.finalized")) == []
    file = api.get(f"/invoices/{draft}").ok()["files"]["pdf"]
    assert pictures(read(tenant.id, file["id"], file["sha256"])) == [(300, 90)]


def test_a_document_that_cannot_be_rendered_goes_to_the_dlq(
    api: Client, issued: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [finalized] = details("invoice.finalized")
    body = json.dumps({"detail": finalized})

    def fail(*_: object) -> None:
        raise RuntimeError("what the customer is called")

    with monkeypatch.context() as broken:
        broken.setattr("invoicing.documents.pdf._compile", fail)
        assert deliver_raw("render_document", body, received=4) == ["0"]
        assert dlq_messages() == []
        assert deliver_raw("render_document", body, received=5) == []
    [(reason, kept)] = dlq_messages()
    assert reason == {"code": "INTERNAL_ERROR", "reason": "RuntimeError; the log has its trace."}
    assert kept == body
    assert api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]["status"] == "pending"
    assert deliver_raw("render_document", kept) == []
    assert api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]["status"] == "available"


def test_cancellations_and_credit_notes_are_rendered(api: Client, issued: dict[str, str]) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit", {"amount": "19.00"}).ok(201)
    canceled = api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert deliver("render_document", *details("invoice.finalized")) == []
    for id_, title in ((note["id"], "Rechnungskorrektur CN-"), (canceled["cancellation_id"], "Stornorechnung CAN-")):
        document = api.get(f"/invoices/{id_}").ok()
        assert document["files"]["pdf"]["status"] == "available"
        said = letter(invoice_of(document))
        assert said["title"].startswith(title)
        assert any(issued["number"] in value for _, value in said["facts"])
    assert said["payment"]["accounts"] == []
    assert said["payment"]["code"] is None


EINVOICE_CUSTOMER = {"einvoice_format": "xrechnung", "leitweg_id": "04011000-1234512345-06"}


@pytest.mark.parametrize(
    ("format_", "xml"), [("zugferd", "zugferd"), ("xrechnung", "xrechnung_ubl"), ("peppol", "peppol")]
)
def test_later_payments_do_not_change_the_xml(
    api: Client, tenant: Tenant, einvoicing: None, format_: str, xml: XmlFormat
) -> None:
    customer = api.post("/customers", customer_json(**{**EINVOICE_CUSTOMER, "einvoice_format": format_})).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    assert issued["files"]["xml"]["status"] == "pending"
    assert issued["files"]["xml"]["id"] != issued["files"]["pdf"]["id"]
    [finalized] = details("invoice.finalized")
    assert deliver("render_document", finalized) == []
    [file, _] = (one["data"]["details"] for one in details("document.rendered"))
    stored = read(tenant.id, issued["files"]["xml"]["id"], file["sha256"])
    assert [one for one in findings(stored, xml) if one.fatal] == []
    api.post(f"/invoices/{draft}/payments", {"amount": "19.00"}).ok(201)
    assert deliver("render_document", {**finalized, "id": "evt_again"}) == []
    assert api.get(f"/invoices/{draft}").ok()["files"]["xml"]["sha256"] == file["sha256"]


def test_a_zugferd_pdf_contains_the_stored_xml(api: Client, tenant: Tenant, einvoicing: None, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json(**EINVOICE_CUSTOMER | {"einvoice_format": "zugferd"})).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    [finalized] = details("invoice.finalized")
    assert deliver("render_document", finalized) == []
    files = api.get(f"/invoices/{draft}").ok()["files"]
    xml, pdf = (read(tenant.id, files[kind]["id"], files[kind]["sha256"]) for kind in ("xml", "pdf"))
    assert embedded(pdf) == {"factur-x.xml": xml}
    # The event again, as queues deliver it: existing files are not changed.
    assert deliver("render_document", {**finalized, "id": "evt_again"}) == []
    assert api.get(f"/invoices/{draft}").ok()["files"] == files
    assert aws.names["s3:PutObject"] == 2


def test_the_mail_has_the_xml_if_it_is_the_invoice(api: Client, einvoicing: None, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json(**EINVOICE_CUSTOMER)).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
    deliver("render_document", *details("invoice.finalized"))
    deliver("send_email", *details("email.requested"))
    [mail] = sent(aws)
    attached = [one["FileName"] for one in mail["Content"]["Simple"]["Attachments"]]
    assert attached == ["INV-2026-000001.pdf", "INV-2026-000001.xml"]


def test_concurrent_clients_cause_no_second_delivery(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    [finalized] = details("invoice.finalized")
    payments = f"/invoices/{issued['id']}/payments"
    with meanwhile(*[lambda: api.post(payments, {"amount": "1.00"}).ok(201)] * 5):
        assert deliver("render_document", finalized) == []
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["files"]["pdf"]["status"], after["paid"]) == ("available", "5.00")
    assert aws.names["s3:PutObject"] == 1, "what is slow is done once"
    assert after["version"] == issued["version"] + 5, "clients compare versions with their own changes"


@pytest.mark.parametrize(
    ("end", "body", "status"), [("cancel", {}, "canceled"), ("close", {"reason": "write_off"}, "closed")]
)
def test_a_document_ended_during_rendering_gets_its_file(
    api: Client, issued: dict[str, Any], end: str, body: Any, status: str
) -> None:
    [finalized] = details("invoice.finalized")
    with meanwhile(lambda: api.post(f"/invoices/{issued['id']}/{end}", body).ok()):
        assert deliver("render_document", finalized) == []
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["status"], after["files"]["pdf"]["status"]) == (status, "available")


def test_a_document_canceled_meanwhile_is_not_sent(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
    [finalized] = details("invoice.finalized")
    with meanwhile(lambda: api.post(f"/invoices/{draft}/cancel").ok()):
        assert deliver("render_document", finalized) == []
    assert details("email.requested") == []


def test_the_email_goes_to_the_current_addresses(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    drafts = [api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"] for _ in range(2)]
    for draft, emails in zip(drafts, (["neu@suess.example"], []), strict=True):
        api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
        api.patch(f"/customers/{customer}", {"emails": emails}).ok()
        deliver("render_document", *(one for one in details("invoice.finalized") if one["resource"]["id"] == draft))
    requested = {one["resource"]["id"]: one for one in details("email.requested")}
    assert requested[drafts[0]]["data"]["details"]["to"] == ["neu@suess.example"]
    assert deliver("send_email", requested[drafts[1]]) == []
    assert [one["data"]["details"]["reason"] for one in details("email.failed")] == ["NO_RECIPIENT"]


@pytest.mark.parametrize("format_", ["none", "zugferd", "xrechnung", "peppol"])
def test_the_files_contain_the_chosen_files(api: Client, tenant: Tenant, einvoicing: None, format_: str) -> None:
    customer = api.post("/customers", customer_json(**EINVOICE_CUSTOMER | {"einvoice_format": format_})).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued_with_files(api, draft)
    assert deliver("render_document", *details("invoice.finalized")) == []
    files = api.get(f"/invoices/{draft}").ok()["files"]
    contents = {kind: read(tenant.id, file["id"], file["sha256"]) for kind, file in files.items()}
    chosen = {"Stunden.csv": SHEET[1], "Lieferschein.pdf": PDF}
    xml = {"factur-x.xml": contents["xml"]} if format_ == "zugferd" else {}
    assert embedded(contents["pdf"]) == {**xml, **chosen}
    if format_ != "none":
        assert [base64.b64encode(content) in contents["xml"] for content in chosen.values()] == [True, True]


def test_a_file_found_harmful_later_is_not_sent_to_the_customer(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = issued_with_files(api, draft)
    note = api.get(f"/invoices/{draft}/notes/{issued['attachments'][0]['note_id']}").ok()
    assert deliver_raw("quarantine_file", tagged(api.tenant_id, note["files"][0])) == []
    [finalized] = details("invoice.finalized")
    assert deliver("render_document", finalized) == [finalized["id"]]
    assert deliver_raw("render_document", json.dumps({"detail": finalized}), received=5) == []
    [(reason, _)] = dlq_messages()
    assert (reason["code"], "malware" in reason["reason"]) == ("FILE_NOT_READY", True)
    assert api.get(f"/invoices/{draft}").ok()["files"]["pdf"]["status"] == "pending"


def test_a_french_invoice_is_issued_and_rendered(api: Client, tenant: Tenant) -> None:
    company = ("name", "address", "vat_id", "legal_id", "legal_id_scheme", "electronic_address", "einvoice_format")
    api.patch("/tenant", FRENCH_TENANT.model_dump(mode="json", include=set(company))).ok()
    customer = api.post("/customers", FRENCH_BUYER).ok(201)["id"]
    fields = {"customer_id": customer, "lines": [FRENCH_LINE], "language": "fr"}
    draft = api.post("/invoices", invoice_json(**fields)).ok(201)["id"]
    refused = api.post(f"/invoices/{draft}/finalize")
    assert {one["code"] for one in refused.json["errors"]} == {"BR-FR-05", "BR-FR-08"}
    api.patch(f"/invoices/{draft}", {"notes": FRENCH_NOTES, "business_process": "M1"}).ok()
    api.post(f"/invoices/{draft}/finalize").ok()
    assert deliver("render_document", *details("invoice.finalized")) == []
    files = api.get(f"/invoices/{draft}").ok()["files"]
    xml, pdf = (read(tenant.id, files[kind]["id"], files[kind]["sha256"]) for kind in ("xml", "pdf"))
    assert embedded(pdf) == {"factur-x.xml": xml}
    assert [one for one in findings(xml, "facturx_fr") if one.fatal] == []
