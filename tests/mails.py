"""E-mails that functions sent, and the events of SES about them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from invoicing.aws.clients import client
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import client_error
from tests.builders import customer_json
from tests.events import deliver, deliver_raw, details
from tests.gateway import Client

_DETAIL_TYPES = {
    "Send": "Email Sent",
    "Delivery": "Email Delivered",
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Reject": "Email Rejected",
}


def sent(aws: AwsCalls) -> list[Any]:
    """The requests to SES."""
    return [call.params for call in aws.calls if call.name == "ses:SendEmail"]


def as_asked(requested: Mapping[str, Any]) -> dict[str, Any]:
    """The request to SES after an event, as far as SES repeats it in its events."""
    said = requested["data"]["details"]
    about = f"{requested['resource']['object'].removeprefix('webhook_')}_id"
    tags = {"tenant_id": requested["tenant_id"], about: requested["resource"]["id"], "mail_id": said["mail_id"]}
    asked: dict[str, Any] = {
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        "ConfigurationSetName": ENVIRONMENT["EMAIL_CONFIGURATION_SET"],
        "Destination": {"ToAddresses": said.get("to", [])},
    }
    return asked


def notice(
    kind: str, mail: Mapping[str, Any], message_id: str, *, bounced: Sequence[str] = (), lasting: str = "Permanent"
) -> str:
    """The event that SES publishes on the default bus about an e-mail."""
    recipients = [{"emailAddress": address} for address in bounced]
    all_more: dict[str, dict[str, Any]] = {
        "Bounce": {"bounce": {"bounceType": lasting, "bounceSubType": "General", "bouncedRecipients": recipients}},
        "Complaint": {"complaint": {"complainedRecipients": recipients}},
        "Reject": {"reject": {"reason": "Bad content"}},
    }
    more = all_more.get(kind, {})
    tags = {tag["Name"]: [tag["Value"]] for tag in mail["EmailTags"]}
    tags["ses:configuration-set"] = [mail["ConfigurationSetName"]]
    about = {"messageId": message_id, "tags": tags, "destination": list(mail["Destination"]["ToAddresses"])}
    detail = {"eventType": kind, "mail": about, **more}
    envelope = {"id": str(uuid.uuid4()), "source": "aws.ses", "detail-type": _DETAIL_TYPES[kind], "detail": detail}
    return json.dumps(envelope)


def deliver_ses_event(kind: str, mail: Mapping[str, Any], message_id: str, **more: Any) -> None:
    """Deliver an event of SES about an e-mail."""
    assert deliver_raw("record_email_status", notice(kind, mail, message_id, **more)) == []


def over_quota(**_: Any) -> None:
    """SES after its daily quota."""
    code, message = "ThrottlingException", "Daily message quota exceeded."
    raise client_error("SendEmail", 400, code, Error={"Code": code, "Message": message})


def send_statements(api: Client) -> None:
    """A mail with a statement that SES defers, sends and loses, and one that it rejects."""
    customer = api.post("/customers", customer_json(emails=["konto@suess.example"])).ok(201)["id"]
    api.post(f"/customers/{customer}/statement/send").ok(202)
    [first] = details("statement.requested")
    with pytest.MonkeyPatch.context() as full:
        full.setattr(client("sesv2"), "send_email", over_quota)
        assert deliver("send_email", first) == []
    deliver_ses_event("Send", as_asked(first), "statement-0")
    deliver_ses_event("Bounce", as_asked(first), "statement-0", bounced=["konto@suess.example"])
    api.post(f"/customers/{customer}/statement/send", {"to": ["zwei@suess.example"]}).ok(202)
    [_, second] = details("statement.requested")
    deliver_ses_event("Reject", as_asked(second), "statement-1")
