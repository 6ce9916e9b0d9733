"""The text of mails as HTML, and the size of a mail with its attachments."""

import email.mime.application
import email.mime.multipart
import email.mime.text
import html
import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from invoicing.aws.email import Mail, MailFile, encoded_bytes
from invoicing.core.einvoice import EinvoiceFormat, is_sent_as_xml, xml_format_of
from invoicing.core.model import ENTERED
from invoicing.core.stored_file import FileKind, StoredFile, content_disposition, document_name
from invoicing.documents.einvoice import render_xml
from invoicing.documents.einvoice.terms import EmbeddedFile
from invoicing.documents.facturx import render_facturx, render_with_files
from invoicing.invoices.drafts.supporting import MOST_ATTACHED_BYTES
from invoicing.mail.errors import MailTooLarge
from invoicing.mail.model import OutgoingMail, Sending, paragraphs
from invoicing.mail.words import invoice_mail, invoice_words
from invoicing.tenants.mail_text import MailText
from tests.builders import NOON
from tests.einvoices import TENANT, issued

SAMPLE = 200_000


def test_stored_texts_may_have_placeholders_of_newer_code() -> None:
    newer = {"text": "{of_newer_code}"}
    assert MailText.model_validate(newer).text == "{of_newer_code}"
    with pytest.raises(ValidationError, match="Unknown placeholder"):
        MailText.model_validate(newer, context=ENTERED)


@pytest.mark.parametrize("size", [0, 1, 57, 58, 100_000])
def test_the_size_of_a_mail_is_not_underestimated(size: int) -> None:
    mail = Mail("a@b.example", ("c@d.example",), "Rechnung", "Grüße " * 100, "<p>Grüße</p>" * 100)
    files = [MailFile("a.pdf", bytes(size), "application/pdf")] * 2
    message = email.mime.multipart.MIMEMultipart()
    for subtype, text in (("plain", mail.text), ("html", mail.html)):
        message.attach(email.mime.text.MIMEText(text, subtype, "utf-8"))
    for one in files:
        message.attach(email.mime.application.MIMEApplication(one.content, "pdf"))
    actual = len(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
    assert actual <= encoded_bytes(mail, files) <= actual + 64 * 1024


def sizes(setting: EinvoiceFormat, attached: int) -> dict[FileKind, int]:
    """The sizes of the files of a document with random bytes attached, which nothing can compress."""
    document = issued(buyer={"einvoice_format": setting})
    files = [EmbeddedFile("a.pdf", "application/pdf", random.Random(1).randbytes(attached))] if attached else []
    format_ = xml_format_of(setting)
    if format_ is None:
        return {"pdf": len(render_with_files(document, files))}
    xml = render_xml(document, format_, files)
    is_xml = is_sent_as_xml(setting)
    pdf = render_with_files(document, files) if is_xml else render_facturx(document, xml, files)
    return {"pdf": len(pdf), "xml": len(xml)}


@pytest.mark.parametrize("setting", ["none", "zugferd", "xrechnung"])
def test_the_largest_files_of_a_document_can_be_mailed(setting: EinvoiceFormat) -> None:
    """The PDF contains them, and an e-invoice too, in base64. The XML inside a PDF is not attached once more."""
    without, with_files = sizes(setting, 0), sizes(setting, SAMPLE)
    times = MOST_ATTACHED_BYTES / SAMPLE
    largest = {
        kind: StoredFile(id="file_1", status="available", size=round(size + (with_files[kind] - size) * times))
        for kind, size in without.items()
    }
    usual = Sending(attach_xml=is_sent_as_xml(setting))
    usual.require_small([largest[kind] for kind in usual.kinds])
    if setting == "zugferd":
        both = Sending(attach_xml=True)
        with pytest.raises(MailTooLarge) as refused:
            both.require_small([largest[kind] for kind in both.kinds])
        assert [one.pointer for one in refused.value.errors] == ["/attach_xml"]


def test_the_mail_names_no_due_date_that_does_not_exist() -> None:
    invoice = issued(payment_terms_text="Zahlbar nach Abnahme.")
    outgoing = OutgoingMail.of("mail_1", invoice.id, Sending(to=("a@b.example",)), at=NOON)
    assert ", fällig am {due_date}." in invoice_words(invoice, TENANT, outgoing).text
    without = invoice.model_copy(update={"due_date": None})
    assert "über {total}." in invoice_words(without, TENANT, outgoing).text


@pytest.mark.parametrize(
    ("fields", "language", "subject", "text"),
    [
        (
            {"type_code": "389"},
            "de",
            "Gutschrift",
            "die Gutschrift {number} über {total}; wir zahlen bis zum {due_date}.",
        ),
        ({"type_code": "389"}, "en", "Self-billing invoice", "{number} over {total}; we pay by {due_date}."),
        ({"type_code": "389"}, "fr", "Autofacturation", "; nous payons au plus tard le {due_date}."),
        ({"type_code": "384"}, "de", "Korrigierte Rechnung", "{number} über {total}, fällig am {due_date}."),
        ({"purpose": "deposit"}, "fr", "Facture d’acompte", ", payable le {due_date}."),  # noqa: RUF001 — French
        ({}, "en", "Invoice", "{number} over {total}, due on {due_date}."),
    ],
)
@pytest.mark.parametrize("attached", [True, False])
def test_the_mail_names_the_document_as_its_pages_do(
    fields: dict[str, Any], language: str, subject: str, text: str, attached: bool
) -> None:
    invoice = issued(language=language, references=[{"number": "INV-1"}], **fields)
    sending = Sending(to=("a@b.example",), attach_pdf=attached)
    words = invoice_words(invoice, TENANT, OutgoingMail.of("mail_1", invoice.id, sending, at=NOON))
    assert words.subject.startswith(f"{subject} {{number}}")
    assert text.removesuffix(".") in words.text


def test_the_tenants_mail_text_is_not_for_self_billing() -> None:
    tenant = TENANT.model_copy(update={"email_texts": {"de": MailText(subject="Bitte zahlen: {number}")}})
    for code, subject in (("380", "Bitte zahlen: {number}"), ("389", "Gutschrift {number} von {seller}")):
        invoice = issued(type_code=code)
        outgoing = OutgoingMail.of("mail_1", invoice.id, Sending(to=("a@b.example",)), at=NOON)
        assert invoice_words(invoice, tenant, outgoing).subject == subject


def test_mails_show_the_legal_information_once() -> None:
    tenant = TENANT.model_copy(update={"legal_information": "Geschäftsführerin: Ada Nord\nHRB 4711"})
    invoice = issued(tenant=tenant)
    for message in (None, "Grüße, Geschäftsführerin: Ada Nord HRB 4711"):
        sending = Sending(to=("a@b.example",), message=message)
        outgoing = OutgoingMail.of("mail_1", invoice.id, sending, at=NOON)
        mail = invoice_mail(invoice_words(invoice, tenant, outgoing), invoice, tenant, outgoing, None)
        assert mail.text.split()[-5:] == ["Geschäftsführerin:", "Ada", "Nord", "HRB", "4711"]
        assert (mail.text.count("HRB 4711"), mail.html.count("HRB 4711")) == (1, 1)


_HREF = re.compile(r'href="([^"]*)"')


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Hier: https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("(siehe https://a.example/x_(y)).", "https://a.example/x_(y)"),
        ("\u201ehttps://a.example/x\u201c!", "https://a.example/x"),
        ('"https://a.example/x"', "https://a.example/x"),
        ("<https://a.example/x?a=1&b=2>", "https://a.example/x?a=1&b=2"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_an_address_in_a_text_ends_before_the_punctuation(text: str, url: str) -> None:
    shown = paragraphs(text)
    assert [html.unescape(found) for found in _HREF.findall(shown)] == [url]
    assert html.unescape(re.sub(r"<[^>]*>", "", shown)) == text


def test_an_inserted_link_keeps_its_end() -> None:
    url = "https://a.example/d/t-_."
    shown = paragraphs(f"({url}), {url}x", {url})
    assert _HREF.findall(shown) == [url, url]


@given(st.text(alphabet="htps:/a.?&<>'\")(]\n *_;", max_size=60))
def test_no_text_is_lost_and_none_becomes_markup(text: str) -> None:
    whole = text.replace("\n", " ")
    shown = paragraphs(whole)
    assert html.unescape(re.sub(r"</?(?:p|a)(?: href=\"[^\"]*\")?>", "", shown)) == whole


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("FV/2026/004", "FV-2026-004.pdf"),
        ("INV-2026-000001", "INV-2026-000001.pdf"),
        ("../..", "document.pdf"),
        ("A B_1.2", "A B_1.2.pdf"),
        ("R\u00fc/1", "R\u00fc-1.pdf"),
    ],
)
def test_a_file_has_a_name_without_folders(number: str, name: str) -> None:
    assert document_name(number, "pdf") == name


def test_any_character_reaches_the_browser() -> None:
    shown = content_disposition("attachment", 'R\u00fc"1.pdf')
    assert shown == "attachment; filename=\"R__1.pdf\"; filename*=UTF-8''R%C3%BC%221.pdf"
