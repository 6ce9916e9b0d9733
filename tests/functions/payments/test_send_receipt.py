"""POST /invoices/{invoice_id}/payments/{payment_id}/send → the mail that confirms a payment"""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.events import deliver, details
from tests.functions.payments.test_reverse_payment import another, pay
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, sent
from tests.world import issue

SELLER = "Nordlicht Werkzeuge GmbH"


def path_of(payment: dict[str, Any]) -> str:
    return f"/invoices/{payment['invoice_id']}/payments/{payment['id']}/send"


def requested(payment: dict[str, Any]) -> list[Any]:
    """The events that request the receipt of a payment."""
    return [one for one in details("email.requested") if one["data"]["details"].get("payment_id") == payment["id"]]


def mailed(api: Client, payment: dict[str, Any], aws: AwsCalls, **body: object) -> tuple[str, str]:
    """The subject and the text of the receipt of a payment."""
    api.post(path_of(payment), body).ok(202)
    [event] = requested(payment)
    assert deliver("send_email", event) == []
    content = sent(aws)[-1]["Content"]["Simple"]
    assert "Attachments" not in content or content["Attachments"] == []
    return content["Subject"]["Data"], content["Body"]["Text"]["Data"]


def test_a_receipt_confirms_a_payment_once(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    payment = pay(api, issued, "19.00")
    subject, text = mailed(api, payment, aws)
    number = issued["number"]
    assert subject == f"Zahlungsbestätigung zu Rechnung {number} von {SELLER}"
    received = f"Ihre Zahlung von 19,00\xa0€ zu Rechnung {number} ist am 10.03.2026 bei uns eingegangen."
    assert f"{received} Offen sind noch 100,00\xa0€." in text
    event = details("email.requested")[-1]
    assert event["data"]["details"]["payment_id"] == payment["id"]
    assert deliver("send_email", event) == []
    assert len(sent(aws)) == 1
    assert len(details("email.sent")) == 1


def test_a_receipt_does_not_count_as_the_sent_invoice(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    mailed(api, pay(api, issued, "19.00"), aws)
    deliver_ses_event("Send", as_asked(details("email.requested")[-1]), "0")
    assert api.get(f"/invoices/{issued['id']}").ok()["sent_at"] is None
    assert details("invoice.sent") == []


def test_a_receipt_names_the_cash_discount(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    _, text = mailed(api, pay(api, issued, "116.62", cash_discount="2.38"), aws)
    assert "eingegangen, abzüglich 2,38\xa0€ Skonto. Damit ist nichts mehr offen." in text


def test_refunds_and_credit_have_their_own_sentences(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    pay(api, issued, "119.00")
    api.post(f"/invoices/{issued['id']}/credit", {"amount": "60.00", "comment": "Nachlass"}).ok(201)
    refund = pay(api, issued, "19.00", type="refund")
    assert "wir haben Ihnen 19,00\xa0€ zu Rechnung" in mailed(api, refund, aws)[1]
    credit = pay(api, another(api, issued), "41.00", method="credit", source_id=issued["id"])
    _, text = mailed(api, credit, aws)
    assert "ein Guthaben von 41,00\xa0€ verrechnet" in text
    assert "Offen sind noch 78,00\xa0€." in text


def test_the_caller_can_write_the_mail(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    payment = pay(api, issued, "19.00")
    words = {"to": ["a@suess.example"], "subject": "Danke, {name}", "message": "{amount} kamen am {date}.\n{page}"}
    subject, text = mailed(api, payment, aws, **words)
    assert subject == f"Danke, {issued['customer_name']}"
    assert text.startswith("19,00\xa0€ kamen am 10.03.2026.\nhttps://api.test/v1/pages/")
    assert sent(aws)[-1]["Destination"]["ToAddresses"] == ["a@suess.example"]


def test_a_reversed_payment_has_no_receipt(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    payment = pay(api, issued, "19.00")
    api.post(path_of(payment)).ok(202)
    api.delete(f"/invoices/{issued['id']}/payments/{payment['id']}").ok()
    assert api.post(path_of(payment)).code == "PAYMENT_REVERSED"
    assert deliver("send_email", details("email.requested")[-1]) == []
    assert sent(aws) == []
    assert [one["data"]["details"]["reason"] for one in details("email.failed")] == ["PAYMENT_REVERSED"]


def test_a_repeated_request_for_a_receipt_sends_one(api: Client, issued: dict[str, Any]) -> None:
    path, key = path_of(pay(api, issued, "19.00")), {"Idempotency-Key": "once"}
    first, second = (api.post(path, {}, headers=key) for _ in range(2))
    assert (first.status, second.status, second.headers["Idempotency-Replayed"]) == (202, 202, "true")
    assert first.ok(202) == second.ok(202)
    assert len(details("email.requested")) == 1


def test_an_address_that_bounced_gets_no_receipt(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    payment = pay(api, issued, "19.00")
    mailed(api, payment, aws)
    deliver_ses_event("Bounce", as_asked(details("email.requested")[-1]), "0", bounced=["einkauf@suess.example"])
    assert api.post(path_of(payment)).code == "ADDRESS_SUPPRESSED"


def test_an_erased_customer_gets_no_receipt(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    payment = pay(api, issued, "19.00")
    api.post(path_of(payment)).ok(202)
    api.post(f"/customers/{issued['customer_id']}/erase", raw=b"").ok()
    assert api.post(path_of(payment), {"to": ["a@suess.example"]}).code == "CUSTOMER_ERASED"
    assert deliver("erase_copies", *details("customer.erased")) == []
    assert deliver("send_email", details("email.requested")[-1]) == []
    assert sent(aws) == []


def test_a_receipt_needs_a_recipient_and_a_payment(api: Client, issued: dict[str, Any]) -> None:
    payment = pay(api, issued, "19.00")
    api.patch(f"/customers/{issued['customer_id']}", {"emails": []}).ok()
    assert api.post(path_of(payment)).code == "NO_RECIPIENT"
    other = issue(api)
    assert api.post(path_of({**payment, "invoice_id": other["id"]})).code == "PAYMENT_NOT_FOUND"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.AUDITOR])
def test_only_those_who_record_payments_send_receipts(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client], role: Role
) -> None:
    assert sign_in(role).post(path_of(pay(api, issued, "19.00"))).code == "INSUFFICIENT_PERMISSIONS"
