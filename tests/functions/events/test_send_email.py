"""email.requested → the customer's mailbox: A21, B24."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from invoicing.aws import email
from invoicing.aws.clients import client
from invoicing.mail.model import SILENCE
from tests.attachments import issued_with_files
from tests.aws import AwsCalls
from tests.aws_events import LOST, NOT_SENT, client_error
from tests.builders import NOON, customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.dunning import reach, written
from tests.events import deliver, details, function, outbox
from tests.forms import PDF
from tests.gateway import Client
from tests.mails import deliver_ses_event, sent
from tests.world import issue, render


def failing(error: Exception, *, after: Callable[..., Any] | None = None) -> Callable[..., str]:
    """SES that raises an error; with `after` only after it accepted the mail."""

    def send(*args: Any, **kwargs: Any) -> str:
        if after is not None:
            after(*args, **kwargs)
        raise error

    return send


def refusal(code: str, status: int) -> Exception:
    return client_error("SendEmail", status, code)


def pages_in(content: dict[str, Any]) -> list[str]:
    """The links to pages in a mail."""
    return re.findall(r'href="(https://[^"]+/pages/[^"]+)"', content["Body"]["Html"]["Data"])


def shows(url: str) -> bool:
    """Whether a link opens the page of its document."""
    return Client(None).get("/pages/" + url.rpartition("/")[2]).status == 200


def test_the_mail_has_the_pdf_and_the_invoice_becomes_sent(
    api: Client, requested: dict[str, Any], aws: AwsCalls
) -> None:
    assert deliver("send_email", requested) == []
    [mail] = sent(aws)
    assert mail["Destination"]["ToAddresses"] == ["einkauf@suess.example"]
    assert mail["ReplyToAddresses"] == ["rechnung@nordlicht.example"]
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == "Rechnung INV-2026-000001 von Nordlicht Werkzeuge GmbH"
    text, [page] = content["Body"]["Text"]["Data"], pages_in(content)
    assert text == (
        "Guten Tag,\n\nanbei erhalten Sie die Rechnung INV-2026-000001 über 119,00\u00a0€, fällig am 24.03.2026.\n\n"
        f"Online finden Sie den aktuellen Stand und alle Dateien: {page}\n\n"
        "Mit freundlichen Grüßen\nNordlicht Werkzeuge GmbH"
    )
    assert shows(page)
    assert content["Attachments"][0]["FileName"] == "INV-2026-000001.pdf"
    assert content["Attachments"][0]["RawContent"].startswith(b"%PDF")
    tags = {tag["Name"]: tag["Value"] for tag in mail["EmailTags"]}
    assert tags["event_id"] == requested["id"]
    assert tags["mail_id"] == requested["data"]["details"]["mail_id"]
    assert api.get(f"/invoices/{requested['resource']['id']}").ok()["sent_at"]
    assert len(details("email.sent")) == len(details("invoice.sent")) == 1


def test_a_repeated_delivery_sends_no_second_mail(requested: dict[str, Any], aws: AwsCalls) -> None:
    for _ in range(3):
        assert deliver("send_email", requested) == []
    assert len(sent(aws)) == 1


def test_a_final_rejection_is_recorded_and_not_retried(
    requested: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "Email address is not verified: rechnung@nordlicht.example"
    refused = client_error("SendEmail", 400, "MessageRejected", Error={"Code": "MessageRejected", "Message": words})
    monkeypatch.setattr(client("sesv2"), "send_email", failing(refused))
    assert deliver("send_email", requested) == deliver("send_email", requested) == []
    [failed] = [event["data"]["details"] for event in details("email.failed")]
    assert (failed["reason"], failed["message"]) == ("MessageRejected", words)


def test_a_mail_too_large_for_ses_is_not_sent(
    requested: dict[str, Any], aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "MOST_MAIL_BYTES", 64 * 1024)
    assert deliver("send_email", requested) == []
    assert sent(aws) == []
    [failed] = [event["data"]["details"] for event in details("email.failed")]
    assert failed["reason"] == "MessageTooLarge"
    assert "SES takes 65,536" in failed["message"]


def test_a_mail_that_its_files_make_too_large_is_not_sent(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued_with_files(api, draft, ("Plan.pdf", PDF.ljust(400_000, b"x"), "application/pdf"))
    assert deliver("render_document", *details("invoice.finalized")) == []
    api.post(f"/invoices/{draft}/send").ok(202)
    monkeypatch.setattr(email, "MOST_MAIL_BYTES", 500_000)
    assert deliver("send_email", *details("email.requested")) == []
    assert sent(aws) == []
    assert [event["data"]["details"]["reason"] for event in details("email.failed")] == ["MessageTooLarge"]


def test_an_unaccepted_email_is_sent_at_the_next_delivery(
    api: Client, requested: dict[str, Any], aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_operator_change(api.tenant_id, OperatorChange(daily_limit=1), at=NOON)
    ses = client("sesv2")
    with monkeypatch.context() as broken:
        broken.setattr(ses, "send_email", failing(NOT_SENT))
        assert deliver("send_email", requested) == [requested["id"]]
    assert deliver("send_email", requested) == []
    assert len(sent(aws)) == len(details("email.sent")) == 1


@pytest.mark.parametrize("error", [refusal("InternalFailure", 500), LOST])
def test_an_email_with_unknown_outcome_is_not_sent_again(
    requested: dict[str, Any], aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    ses = client("sesv2")
    with monkeypatch.context() as broken:
        broken.setattr(ses, "send_email", failing(error, after=ses.send_email))
        assert deliver("send_email", requested) == [requested["id"]]
    at.now += timedelta(minutes=14)
    assert deliver("send_email", requested) == [requested["id"]]
    assert (len(sent(aws)), details("email.sent")) == (1, [])
    deliver_ses_event("Send", sent(aws)[0], "0100-a")
    assert deliver("send_email", requested) == []
    assert len(sent(aws)) == len(details("email.sent")) == len(details("invoice.sent")) == 1
    [page] = pages_in(sent(aws)[0]["Content"]["Simple"])
    assert (shows(page), len(details("page_link.created"))) == (True, 1)


def test_an_unknown_outcome_is_retried_after_15_minutes(
    requested: dict[str, Any], aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ses = client("sesv2")
    with monkeypatch.context() as broken:
        broken.setattr(ses, "send_email", failing(LOST, after=ses.send_email))
        deliver("send_email", requested)
    at.now += timedelta(minutes=15)
    assert deliver("send_email", requested) == []
    deliver_ses_event("Send", sent(aws)[0], "0100-late")
    notes = [event["data"]["details"] for event in details("email.sent")]
    assert len(sent(aws)) == len({note["message_id"] for note in notes}) == 2
    assert [note["attempts"] for note in notes] == [2, 2]
    assert len(details("invoice.sent")) == 1
    pages = [page for mail in sent(aws) for page in pages_in(mail["Content"]["Simple"])]
    assert (len(pages), len({*pages}), shows(pages[0])) == (2, 1, True)
    assert len(details("page_link.created")) == 1


def test_the_queue_retries_until_the_outcome_is_decided() -> None:
    declared: Any = function("send_email").declaration
    assert (declared.attempts - 1) * timedelta(seconds=6 * declared.timeout) > SILENCE


def test_placeholders_of_the_tenant_are_replaced_once(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    text = "Hallo {name},\n\n<b>{number}</b> & {{total}}"
    api.patch("/tenant", {"email_texts": {"de": {"subject": "Zu {number}", "text": text}}}).ok()
    deliver("send_email", requested)
    body = sent(aws)[0]["Content"]["Simple"]["Body"]
    assert sent(aws)[0]["Content"]["Simple"]["Subject"]["Data"] == "Zu INV-2026-000001"
    assert body["Text"]["Data"] == "Hallo Bäckerei Süß & Söhne,\n\n<b>INV-2026-000001</b> & {119,00\u00a0€}"
    assert "<p>&lt;b&gt;INV-2026-000001&lt;/b&gt; &amp; {119,00\u00a0€}</p>" in body["Html"]["Data"]
    for wrong in ("{number.__class__}", "{seller}{secret}"):
        api.patch("/tenant", {"email_texts": {"de": {"text": wrong}}})
    refused = api.patch("/tenant", {"email_texts": {"de": {"text": "{secret}"}}})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/email_texts/de/text")


def test_a_suppressed_address_gets_no_mail(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    deliver("send_email", requested)
    deliver_ses_event("Bounce", sent(aws)[0], "0100-a", bounced=["EINKAUF@suess.example"])
    api.post(f"/invoices/{requested['resource']['id']}/send", {"to": ["ok@suess.example"]}).ok(202)
    [again] = [one for one in details("email.requested") if one["data"]["details"]["to"] == ["ok@suess.example"]]
    deliver_ses_event("Bounce", sent(aws)[0], "0100-a", bounced=["ok@suess.example"])
    assert deliver("send_email", again) == []
    assert [event["data"]["details"]["reason"] for event in details("email.failed")] == ["ADDRESS_SUPPRESSED"]
    assert len(sent(aws)) == 1


def test_emails_above_the_tenants_limit_are_refused(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    apply_operator_change(api.tenant_id, OperatorChange(daily_limit=1), at=NOON)
    api.post(f"/invoices/{requested['resource']['id']}/send").ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    assert [event["data"]["details"]["reason"] for event in details("email.failed")] == ["EMAIL_LIMIT_REACHED"]
    assert len(sent(aws)) == 1


def test_no_mail_is_sent_from_a_revoked_sender(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    apply_operator_change(api.tenant_id, OperatorChange(revoke=["nordlicht.example"]), at=NOON)
    assert deliver("send_email", requested) == []
    assert sent(aws) == []
    assert [event["data"]["details"]["reason"] for event in details("email.failed")] == ["SENDER_NOT_GRANTED"]


def test_a_reminder_has_the_letter_and_on_request_the_invoice(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    texts = {
        "de": {"subject": "Erinnerung an {invoice_number}", "text": "{open} bis {due_date}, Stufe {level}:\n{page}"}
    }
    api.post("/dunning-rules", rule_json(texts=texts)).ok(201)
    api.post("/dunning-rules", rule_json(level=2, days_overdue=8, attach_invoice=True)).ok(201)
    for _ in range(2):
        at.now += timedelta(days=30)
        document = reach(api.tenant_id, rendered["id"], at.now)
        for _ in range(2):
            assert deliver("send_email", *written()) == []
        assert api.get(f"/dunning-documents/{document['id']}").ok()["status"] == "sent"
    first, second = (mail["Content"]["Simple"] for mail in sent(aws))
    assert first["Subject"]["Data"] == "Erinnerung an INV-2026-000001"
    text, _, url = first["Body"]["Text"]["Data"].partition("\n")
    assert text == "119,00\u00a0€ bis 16.04.2026, Stufe 1:"
    assert Client(None).get("/pages/" + url.rpartition("/")[2]).status == 200
    assert second["Subject"]["Data"].startswith("Zweite Zahlungserinnerung zur Rechnung")
    names = [[file["FileName"] for file in mail["Attachments"]] for mail in (first, second)]
    assert names == [["DUN-2026-000001.pdf"], ["DUN-2026-000002.pdf", "INV-2026-000001.pdf"]]
    assert len(details("email.sent")) == 2


def test_a_reminder_for_a_paid_invoice_is_not_sent(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    reach(api.tenant_id, rendered["id"], at.now)
    requested = written()
    api.post(f"/invoices/{rendered['id']}/payments", {"amount": "119.00"}).ok(201)
    assert deliver("send_email", *requested) == []
    assert sent(aws) == []
    entries = api.get(f"/invoices/{rendered['id']}/comments?action_key=REMINDER_ERROR_MAIL").ok()["data"]
    assert [one["metadata"]["reason"] for one in entries] == ["NOTHING_DUE"]


@pytest.mark.parametrize(
    ("said", "words", "attached"),
    [
        ({"attach_pdf": False}, "unter diesem Link finden Sie die Rechnung INV-2026-000001", 0),
        ({"message": "Bis {link_until}: {link}"}, "Bis 17.03.2026: https://", 1),
    ],
)
def test_a_link_in_the_text_opens_the_document_for_7_days(
    api: Client, rendered: dict[str, Any], aws: AwsCalls, said: dict[str, Any], words: str, attached: int
) -> None:
    api.post(f"/invoices/{rendered['id']}/send", said).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    [mail] = sent(aws)
    content = mail["Content"]["Simple"]
    text = content["Body"]["Text"]["Data"]
    assert words in text
    assert len(content["Attachments"]) == attached
    [url] = re.findall(r"https://\S+/downloads/\S+", text)
    assert f'<a href="{url}">{url}</a>' in content["Body"]["Html"]["Data"]
    assert Client(None).get("/downloads/" + url.rpartition("/")[2]).status == 302
    [made] = details("invoice.link_created")
    assert made["data"]["details"]["expires_at"] == "2026-03-17T12:00:00.000Z"
    assert url.rpartition("/")[2] not in str(outbox())


@pytest.mark.parametrize("own", [True, False])
def test_a_page_in_the_text_shows_the_document(api: Client, rendered: dict[str, Any], aws: AwsCalls, own: bool) -> None:
    text = "Jetzt ansehen: {page}."
    api.patch("/tenant", {"email_texts": {"de": {"text": text}} if own else {}}).ok()
    api.post(f"/invoices/{rendered['id']}/send", {} if own else {"message": text}).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    body = sent(aws)[0]["Content"]["Simple"]["Body"]
    [url] = re.findall(r'href="([^"]+)"', body["Html"]["Data"])
    assert body["Text"]["Data"] == f"Jetzt ansehen: {url}."
    assert Client(None).get("/pages/" + url.rpartition("/")[2]).status == 200
    [made] = details("page_link.created")
    assert made["data"]["details"]["expires_at"] == "2026-09-06T12:00:00.000Z"
    assert url.rpartition("/")[2] not in str(outbox())


@pytest.mark.parametrize(
    "around", ["Die Rechnung ist hier: {link}.", "({link})", "{link}, bitte", "„{link}“", "{link}x"]
)
def test_a_link_is_intact_in_any_text(api: Client, rendered: dict[str, Any], aws: AwsCalls, around: str) -> None:
    api.post(f"/invoices/{rendered['id']}/send", {"message": around}).ok(202)
    deliver("send_email", *details("email.requested"))
    body = sent(aws)[0]["Content"]["Simple"]["Body"]
    [url] = re.findall(r'href="([^"]+)"', body["Html"]["Data"])
    assert body["Text"]["Data"] == around.replace("{link}", url)
    assert Client(None).get("/downloads/" + url.rpartition("/")[2]).status == 302


def test_attachments_have_safe_names_for_any_number(api: Client, einvoicing: None, aws: AwsCalls, at: Clock) -> None:
    series = {"invoice": {"pattern": "FV/{yyyy}/{n:03}"}, "dunning": {"pattern": "MA/{n}", "yearly_reset": False}}
    api.patch("/tenant", {"number_series": series}).ok()
    api.post("/dunning-rules", rule_json(attach_invoice=True)).ok(201)
    issued = issue(api)
    render(api.tenant_id, issued, at.now)
    at.now += timedelta(days=30)
    reach(api.tenant_id, issued["id"], at.now)
    assert deliver("send_email", *written()) == []
    [mail] = sent(aws)
    names = [file["FileName"] for file in mail["Content"]["Simple"]["Attachments"]]
    assert names == ["MA-1.pdf", "FV-2026-001.pdf"]
    link = api.post(f"/invoices/{issued['id']}/download-links").ok(201)["url"]
    url = Client(None).get("/downloads/" + link.rpartition("/")[2]).headers["Location"]
    [shown] = parse_qs(urlsplit(url).query)["response-content-disposition"]
    assert shown == "attachment; filename=\"FV-2026-001.pdf\"; filename*=UTF-8''FV-2026-001.pdf"
    xml = api.get(f"/invoices/{issued['id']}/xml?format=zugferd")
    assert (xml.status, xml.headers["Content-Disposition"].partition("; ")[2]) == (
        200,
        "filename=\"FV-2026-001.xml\"; filename*=UTF-8''FV-2026-001.xml",
    )


def test_a_text_without_a_placeholder_creates_no_link(api: Client, rendered: dict[str, Any]) -> None:
    api.post(f"/invoices/{rendered['id']}/send", {"message": "Hallo", "attach_pdf": False}).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    assert details("invoice.link_created") == []
