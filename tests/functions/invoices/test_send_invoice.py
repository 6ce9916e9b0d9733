"""POST /invoices/{invoice_id}/send: A21, B24."""

from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from invoicing.mail import model
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.builders import NOON, customer_json, invoice_json
from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client
from tests.mails import sent
from tests.world import render


def test_a_document_is_resent_with_given_recipients_and_text(
    api: Client, rendered: dict[str, Any], aws: AwsCalls
) -> None:
    body = {
        "to": ["a@suess.example", "b@suess.example"],
        "cc": ["c@suess.example"],
        "bcc": ["d@nordlicht.example"],
        "subject": "Noch einmal {number}",
        "message": "Wie besprochen.",
    }
    api.patch("/tenant", {"email_bcc": ["archiv@nordlicht.example"]}).ok()
    answer = api.post(f"/invoices/{rendered['id']}/send", body).ok(202)
    assert answer["id"] == rendered["id"]
    assert deliver("send_email", *details("email.requested")) == []
    [mail] = sent(aws)
    assert mail["Destination"] == {
        "ToAddresses": body["to"],
        "CcAddresses": body["cc"],
        "BccAddresses": [*body["bcc"], "archiv@nordlicht.example"],
    }
    simple = mail["Content"]["Simple"]
    assert simple["Subject"]["Data"] == "Noch einmal INV-2026-000001"
    assert simple["Body"]["Text"]["Data"] == "Wie besprochen."
    assert [one["FileName"] for one in simple["Attachments"]] == ["INV-2026-000001.pdf"]


@pytest.mark.parametrize(("asked", "attached"), [({}, {"pdf", "xml"}), ({"attach_xml": False}, {"pdf"})])
def test_an_xml_invoice_is_attached_by_default(
    api: Client, einvoicing: None, aws: AwsCalls, asked: dict[str, Any], attached: set[str]
) -> None:
    einvoice = customer_json(einvoice_format="xrechnung", leitweg_id="04011000-1234512345-06")
    customer = api.post("/customers", einvoice).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    deliver("render_document", *details("invoice.finalized"))
    api.post(f"/invoices/{draft}/send", asked).ok(202)
    deliver("send_email", *details("email.requested"))
    [mail] = sent(aws)
    names = {one["FileName"].rpartition(".")[2] for one in mail["Content"]["Simple"]["Attachments"]}
    assert names == attached


def test_files_that_no_mail_can_have_are_refused(
    api: Client, rendered: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "MOST_MAIL_BYTES", 64 * 1024)
    refused = api.post(f"/invoices/{rendered['id']}/send")
    assert (refused.status, refused.code) == (422, "MAIL_TOO_LARGE")
    assert refused.json["errors"][0]["pointer"] == "/attach_pdf"
    assert details("email.requested") == []
    api.post(f"/invoices/{rendered['id']}/send", {"attach_pdf": False}).ok(202)


def test_it_goes_to_the_customer_and_without_files_on_request(
    api: Client, rendered: dict[str, Any], aws: AwsCalls
) -> None:
    api.post(f"/invoices/{rendered['id']}/send", {"attach_pdf": False}).ok(202)
    deliver("send_email", *details("email.requested"))
    [mail] = sent(aws)
    assert mail["Destination"]["ToAddresses"] == ["einkauf@suess.example"]
    assert mail["Content"]["Simple"]["Attachments"] == []


def test_it_goes_to_the_current_addresses_of_the_customer(api: Client, rendered: dict[str, Any], aws: AwsCalls) -> None:
    customer = f"/customers/{rendered['customer_id']}"
    api.patch(customer, {"emails": ["richtig@suess.example", "zweite@suess.example"]}).ok()
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    deliver("send_email", *details("email.requested"))
    assert sent(aws)[0]["Destination"]["ToAddresses"] == ["richtig@suess.example", "zweite@suess.example"]
    api.patch(customer, {"emails": []}).ok()
    refused = api.post(f"/invoices/{rendered['id']}/send")
    assert (refused.status, refused.code) == (422, "NO_RECIPIENT")


def test_an_address_that_is_added_later_is_used(api: Client) -> None:
    customer = api.post("/customers", customer_json(emails=[])).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    api.patch(f"/customers/{customer}", {"emails": ["neu@suess.example"]}).ok()
    api.post(f"/invoices/{draft}/send", {"attach_pdf": False}).ok(202)
    assert details("email.requested")[0]["data"]["details"]["to"] == ["neu@suess.example"]


def test_an_unstored_buyer_has_the_addresses_of_the_document(api: Client) -> None:
    address = {"line1": "Weg 1", "postal_code": "89073", "city": "Ulm", "country": "DE"}
    buyer = {"name": "Laufkundschaft", "emails": ["a@lauf.example"], "address": address}
    draft = api.post("/invoices", invoice_json(customer=buyer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    api.post(f"/invoices/{draft}/send", {"attach_pdf": False}).ok(202)
    assert details("email.requested")[0]["data"]["details"]["to"] == ["a@lauf.example"]


def test_a_repeated_request_sends_one_mail(api: Client, rendered: dict[str, Any]) -> None:
    for _ in range(2):
        api.post(f"/invoices/{rendered['id']}/send", headers={"Idempotency-Key": "s"}).ok(202)
    assert len(details("email.requested")) == 1


@pytest.mark.parametrize(("channel", "key"), [("letter", "LETTER"), ("fax", "FAX"), ("other", "LETTER")])
def test_delivery_by_another_channel_is_recorded(
    api: Client, issued: dict[str, Any], aws: AwsCalls, channel: str, key: str
) -> None:
    answer = api.post(f"/invoices/{issued['id']}/send", {"channel": channel}).ok(202)
    assert answer["sent_at"]
    entries = api.get(f"/invoices/{issued['id']}/comments?action_key={key}").ok()["data"]
    assert [entry["metadata"] for entry in entries] == [{"channel": channel}]
    assert not sent(aws)


def test_a_draft_is_not_sent(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    answer = api.post(f"/invoices/{draft}/send", {"to": ["a@suess.example"]})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "send" not in answer.json["allowed_actions"]


def test_missing_address_sender_or_file_is_refused(api: Client, issued: dict[str, Any]) -> None:
    assert api.post(f"/invoices/{issued['id']}/send").code == "FILE_NOT_READY"
    assert api.post(f"/invoices/{issued['id']}/send", {"attach_pdf": False}).status == 202
    customer = api.post("/customers", customer_json(emails=[])).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    assert api.post(f"/invoices/{draft}/send", {"attach_pdf": False}).code == "NO_RECIPIENT"
    api.patch("/tenant", {"email_sender": None}).ok()
    assert api.post(f"/invoices/{issued['id']}/send", {"attach_pdf": False}).code == "SENDER_MISSING"


def test_a_sender_that_the_operator_revoked_is_refused(api: Client, issued: dict[str, Any]) -> None:
    apply_operator_change(api.tenant_id, OperatorChange(revoke=["nordlicht.example"]), at=NOON)
    answer = api.post(f"/invoices/{issued['id']}/send", {"attach_pdf": False})
    assert (answer.status, answer.code) == (422, "SENDER_NOT_GRANTED")


def test_a_request_above_the_daily_limit_is_refused(api: Client, rendered: dict[str, Any]) -> None:
    apply_operator_change(api.tenant_id, OperatorChange(daily_limit=1), at=NOON)
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    deliver("send_email", *details("email.requested"))
    answer = api.post(f"/invoices/{rendered['id']}/send")
    assert (answer.status, answer.code) == (422, "EMAIL_LIMIT_REACHED")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"to": ["a@b.example\r\nBcc: x@y.example"]}, "/to/0"),
        ({"to": ["Eve <a@b.example>"]}, "/to/0"),
        ({"to": [f"a{number}@b.example" for number in range(51)]}, "/to"),
        ({"message": "x" * 1_501}, "/message"),
        ({"channel": "pigeon"}, "/channel"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(
    api: Client, issued: dict[str, Any], body: dict[str, Any], pointer: str
) -> None:
    answer = api.post(f"/invoices/{issued['id']}/send", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_recipients_and_copies_stay_within_the_limit_of_ses(
    api: Client, rendered: dict[str, Any], aws: AwsCalls
) -> None:
    api.patch("/tenant", {"email_bcc": [f"copy{number}@nordlicht.example" for number in range(5)]}).ok()
    to = [f"a{number}@b.example" for number in range(46)]
    assert api.post(f"/invoices/{rendered['id']}/send", {"to": to}).status == 400
    api.post(f"/invoices/{rendered['id']}/send", {"to": to[1:]}).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    assert sum(map(len, sent(aws)[0]["Destination"].values())) == 50


@pytest.mark.parametrize(
    ("language", "subject", "says"),
    [
        ("de", "Rechnungskorrektur CN-2026-000001 von", "die Rechnungskorrektur CN-2026-000001 über 19,00\u00a0€."),
        ("en", "Credit note CN-2026-000001 from", "Credit note CN-2026-000001 over €19.00."),
        ("fr", "Avoir CN-2026-000001 de", "Avoir CN-2026-000001 de 19,00\u00a0€."),
        ("en-GB", "Credit note CN-2026-000001 from", "Credit note CN-2026-000001 over €19.00."),
    ],
)
def test_a_credit_note_is_mailed_as_one_and_is_not_due(
    api: Client, tenant: Tenant, at: Clock, aws: AwsCalls, language: str, subject: str, says: str
) -> None:
    api.patch("/tenant", {"email_texts": {language: {"text": "Ihre Rechnung ist fällig am {due_date}."}}}).ok()
    customer = api.post("/customers", customer_json(language=language)).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    note = api.post(f"/invoices/{draft}/credit", {"amount": "19.00"}).ok(201)
    render(tenant.id, note, at.now)
    api.post(f"/invoices/{note['id']}/send").ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    simple = sent(aws)[0]["Content"]["Simple"]
    assert simple["Subject"]["Data"].startswith(subject)
    assert says in simple["Body"]["Text"]["Data"]


def test_headers_cannot_be_injected_through_the_subject(api: Client, rendered: dict[str, Any], aws: AwsCalls) -> None:
    api.post(f"/invoices/{rendered['id']}/send", {"subject": "Hi\r\nBcc: x@y.example\u2028!"}).ok(202)
    deliver("send_email", *details("email.requested"))
    assert sent(aws)[0]["Content"]["Simple"]["Subject"]["Data"] == "Hi Bcc: x@y.example !"
