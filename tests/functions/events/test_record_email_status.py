"""SES events about an e-mail → the e-mail's status"""

import json
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.events import deliver, deliver_raw, details
from tests.gateway import Client
from tests.mails import deliver_ses_event, notice, sent


@pytest.fixture
def mail(api: Client, rendered: dict[str, Any], aws: AwsCalls) -> dict[str, Any]:
    """An e-mail that SES accepted."""
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    deliver("send_email", *details("email.requested"))
    [found] = sent(aws)
    return dict(found)


def message_id() -> str:
    return str(details("email.sent")[0]["data"]["details"]["message_id"])


def test_a_repeated_status_is_recorded_once(mail: dict[str, Any]) -> None:
    deliver_ses_event("Send", mail, message_id())
    deliver_ses_event("Delivery", mail, message_id())
    assert len(details("email.sent")) == 1


def test_a_permanent_bounce_suppresses_the_address(api: Client, rendered: dict[str, Any], mail: dict[str, Any]) -> None:
    event = notice("Bounce", mail, message_id(), bounced=["einkauf@suess.example"])
    assert deliver_raw("record_email_status", event, event) == []
    assert deliver_raw("record_email_status", event) == []
    [bounced] = details("email.bounced")
    assert bounced["data"]["details"]["kind"] == "permanent"
    timeline = api.get(f"/invoices/{rendered['id']}/comments?action_key=ERROR_MAIL").ok()["data"]
    assert [entry["type"] for entry in timeline] == ["bounced"]
    refused = api.post(f"/invoices/{rendered['id']}/send")
    assert (refused.status, refused.code) == (422, "ADDRESS_SUPPRESSED")
    customer = f"/customers/{rendered['customer_id']}"
    api.patch(customer, {"emails": ["neu@suess.example"]}).ok()
    assert api.post(f"/invoices/{rendered['id']}/send", {"to": ["neu@suess.example"]}).status == 202
    api.patch(customer, {"emails": ["einkauf@suess.example"]}).ok()
    assert api.post(f"/invoices/{rendered['id']}/send").status == 202


def test_the_diagnostic_code_of_a_bounce_is_recorded(mail: dict[str, Any]) -> None:
    words = "smtp; 550 5.1.1 user unknown"
    event = json.loads(notice("Bounce", mail, message_id(), bounced=["einkauf@suess.example"]))
    event["detail"]["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = words
    assert deliver_raw("record_email_status", json.dumps(event)) == []
    assert details("email.bounced")[0]["data"]["details"]["message"] == words


def test_a_transient_bounce_suppresses_nothing(api: Client, rendered: dict[str, Any], mail: dict[str, Any]) -> None:
    deliver_ses_event("Bounce", mail, message_id(), bounced=["einkauf@suess.example"], lasting="Transient")
    assert details("email.bounced")[0]["data"]["details"]["kind"] == "transient"
    assert api.post(f"/invoices/{rendered['id']}/send").status == 202


def test_a_complaint_suppresses_the_address(api: Client, rendered: dict[str, Any], mail: dict[str, Any]) -> None:
    deliver_ses_event("Complaint", mail, message_id(), bounced=["einkauf@suess.example"])
    assert details("email.bounced")[0]["data"]["details"]["kind"] == "complaint"
    assert api.post(f"/invoices/{rendered['id']}/send").code == "ADDRESS_SUPPRESSED"


def test_a_rejected_email_is_marked_failed(mail: dict[str, Any]) -> None:
    deliver_ses_event("Reject", mail, message_id())
    assert details("email.failed")[0]["data"]["details"]["reason"] == "Bad content"


def test_an_unknown_mail_goes_back_into_the_queue(mail: dict[str, Any]) -> None:
    event = notice("Send", mail, "0100-x").replace(
        details("email.requested")[0]["data"]["details"]["mail_id"], "mail_x"
    )
    assert deliver_raw("record_email_status", event) == ["0"]
