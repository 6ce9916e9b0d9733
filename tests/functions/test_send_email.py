"""email.requested → the customer's mailbox: A21, B24."""

from typing import Any

import pytest

from invoicing.adapters import email
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json
from tests.events import deliver, details
from tests.gateway import Client


@pytest.fixture
def requested(api: Client) -> dict[str, Any]:
    """The event that asks for a mail."""
    customer = api.post("/customers", customer_json(language="de")).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
    deliver("render_document", *details("invoice.finalized"))
    return details("email.requested")[0]


def sent(aws: AwsCalls) -> list[Any]:
    return [call.params for call in aws.calls if call.name == "ses:SendEmail"]


def test_the_mail_brings_the_pdf_and_the_invoice_is_sent(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    assert deliver("send_email", requested) == []
    [mail] = sent(aws)
    assert mail["Destination"] == {"ToAddresses": ["einkauf@suess.example"]}
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == "Rechnung INV-2026-000001 von Nordlicht Werkzeuge GmbH"
    assert content["Attachments"][0]["FileName"] == "INV-2026-000001.pdf"
    assert content["Attachments"][0]["RawContent"].startswith(b"%PDF")
    assert api.get(f"/invoices/{requested['resource']['id']}").ok()["sent_at"]
    assert len(details("email.sent")) == len(details("invoice.sent")) == 1


def test_a_repeated_delivery_sends_no_second_mail(requested: dict[str, Any], aws: AwsCalls) -> None:
    for _ in range(3):
        assert deliver("send_email", requested) == []
    assert len(sent(aws)) == 1


def test_what_is_refused_for_good_is_noted_and_not_tried_again(
    requested: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise email.Refused("MessageRejected")

    monkeypatch.setattr(email, "send", refuse)
    assert deliver("send_email", requested, requested) == []
    assert [event["data"]["details"] for event in details("email.failed")] == [{"reason": "MessageRejected"}]


def test_what_may_pass_is_tried_again(requested: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise ConnectionError("no route")

    monkeypatch.setattr(email, "send", fail)
    assert deliver("send_email", requested) == [requested["id"]]
    assert details("email.failed", "email.sent") == []
