"""What SES tells about a mail → its record."""

import json
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.events import deliver, deliver_raw, details
from tests.gateway import Client
from tests.mails import notice, sent, told_by_ses


@pytest.fixture
def mail(api: Client, rendered: dict[str, Any], aws: AwsCalls) -> dict[str, Any]:
    """A mail that SES took."""
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    deliver("send_email", *details("email.requested"))
    [found] = sent(aws)
    return dict(found)


def message_id() -> str:
    return str(details("email.sent")[0]["data"]["details"]["message_id"])


def test_what_is_known_already_is_noted_once(mail: dict[str, Any]) -> None:
    told_by_ses("Send", mail, message_id())
    told_by_ses("Delivery", mail, message_id())
    assert len(details("email.sent")) == 1


def test_a_bounce_for_good_stands_in_the_timeline_and_suppresses_the_address_until_it_is_changed(
    api: Client, rendered: dict[str, Any], mail: dict[str, Any]
) -> None:
    told = notice("Bounce", mail, message_id(), bounced=["einkauf@suess.example"])
    assert deliver_raw("record_email_status", told, told) == []
    assert deliver_raw("record_email_status", told) == []
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


def test_the_words_of_the_refusing_server_are_kept(mail: dict[str, Any]) -> None:
    words = "smtp; 550 5.1.1 user unknown"
    told = json.loads(notice("Bounce", mail, message_id(), bounced=["einkauf@suess.example"]))
    told["detail"]["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = words
    assert deliver_raw("record_email_status", json.dumps(told)) == []
    assert details("email.bounced")[0]["data"]["details"]["message"] == words


def test_a_passing_bounce_suppresses_nothing(api: Client, rendered: dict[str, Any], mail: dict[str, Any]) -> None:
    told_by_ses("Bounce", mail, message_id(), bounced=["einkauf@suess.example"], lasting="Transient")
    assert details("email.bounced")[0]["data"]["details"]["kind"] == "transient"
    assert api.post(f"/invoices/{rendered['id']}/send").status == 202


def test_who_complains_is_not_written_to_again(api: Client, rendered: dict[str, Any], mail: dict[str, Any]) -> None:
    told_by_ses("Complaint", mail, message_id(), bounced=["einkauf@suess.example"])
    assert details("email.bounced")[0]["data"]["details"]["kind"] == "complaint"
    assert api.post(f"/invoices/{rendered['id']}/send").code == "ADDRESS_SUPPRESSED"


def test_what_ses_rejects_after_all_has_failed(mail: dict[str, Any]) -> None:
    told_by_ses("Reject", mail, message_id())
    assert details("email.failed")[0]["data"]["details"]["reason"] == "Bad content"


def test_a_mail_that_is_not_ours_goes_back_into_the_queue(mail: dict[str, Any]) -> None:
    told = notice("Send", mail, "0100-x").replace(details("email.requested")[0]["data"]["details"]["mail_id"], "mail_x")
    assert deliver_raw("record_email_status", told) == ["0"]
