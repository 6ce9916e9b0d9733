"""Mails go to the recipients that a customer has for them, under the name of the tenant."""

from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest

from invoicing.core.email_address import MOST_MAILBOX
from tests.aws import AwsCalls
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import reach, written
from tests.events import deliver, details
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, sent

OWN = {
    "invoices": ["rechnung@suess.example"],
    "dunning": ["mahnung@suess.example"],
    "statements": ["konto@suess.example"],
}


def path_of(document: dict[str, Any]) -> str:
    return f"/customers/{document['customer_id']}"


def test_each_mail_goes_to_its_recipients(api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls) -> None:
    assert api.patch(path_of(rendered), {"recipients": OWN}).ok()["recipients"] == OWN
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    api.post(f"{path_of(rendered)}/statement/send").ok(202)
    for name in ("email.requested", "statement.requested"):
        assert deliver("send_email", *details(name)) == []
    assert [one["Destination"]["ToAddresses"] for one in sent(aws)] == [OWN["invoices"], OWN["statements"]]
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    reach(api.tenant_id, rendered["id"], at.now)
    [letter] = written()
    assert letter["data"]["details"]["to"] == OWN["dunning"]


def test_emails_receive_mails_without_recipients(api: Client, rendered: dict[str, Any]) -> None:
    api.patch(path_of(rendered), {"recipients": {"dunning": OWN["dunning"]}}).ok()
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    [event] = details("email.requested")
    assert event["data"]["details"]["to"] == ["einkauf@suess.example"]


def test_recipients_alone_are_enough(api: Client, rendered: dict[str, Any]) -> None:
    api.patch(path_of(rendered), {"emails": [], "recipients": {"invoices": OWN["invoices"]}}).ok()
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    assert api.post(f"{path_of(rendered)}/statement/send").code == "NO_RECIPIENT"
    [found] = api.get("/customers?email=RECHNUNG@suess.example").ok()["data"]
    assert found["id"] == rendered["customer_id"]


def test_a_new_recipient_is_no_longer_suppressed(api: Client, rendered: dict[str, Any]) -> None:
    api.patch(path_of(rendered), {"recipients": {"statements": OWN["statements"]}}).ok()
    api.post(f"{path_of(rendered)}/statement/send").ok(202)
    [event] = details("statement.requested")
    deliver_ses_event("Bounce", as_asked(event), "0", bounced=OWN["statements"])
    assert api.post(f"{path_of(rendered)}/statement/send").code == "ADDRESS_SUPPRESSED"
    api.patch(path_of(rendered), {"recipients": None}).ok()
    api.patch(path_of(rendered), {"recipients": {"statements": OWN["statements"]}}).ok()
    api.post(f"{path_of(rendered)}/statement/send").ok(202)


def test_an_erased_customer_has_no_recipients(api: Client, rendered: dict[str, Any]) -> None:
    api.patch(path_of(rendered), {"recipients": OWN}).ok()
    assert api.post(f"{path_of(rendered)}/erase", raw=b"").ok()["recipients"] is None


@pytest.mark.parametrize("value", [["no address"], [f"{n}@suess.example" for n in range(6)], "a@suess.example"])
def test_wrong_recipients_are_refused(api: Client, rendered: dict[str, Any], value: object) -> None:
    answer = api.patch(path_of(rendered), {"recipients": {"invoices": value}})
    assert (answer.status, answer.json["errors"][0]["pointer"][:20]) == (400, "/recipients/invoices")


def test_the_sender_has_the_name_of_the_tenant(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    api.patch("/tenant", {"email_sender_name": 'Kontor "Nord", GmbH'}).ok()
    assert deliver("send_email", requested) == []
    assert sent(aws)[0]["FromEmailAddress"] == '"Kontor \\"Nord\\", GmbH" <rechnung@nordlicht.example>'


def test_a_long_name_in_other_letters_fits_into_the_header(
    api: Client, requested: dict[str, Any], aws: AwsCalls
) -> None:
    name = "Süßwarengroßhandelsgesellschaft Löbtauer Straße mit beschränkter Haftung"
    api.patch("/tenant", {"email_sender_name": name}).ok()
    assert deliver("send_email", requested) == []
    header = sent(aws)[0]["FromEmailAddress"]
    assert len(header) <= MOST_MAILBOX
    assert str(make_header(decode_header(parseaddr(header)[0]))) == name


def test_a_name_adds_no_header(api: Client, requested: dict[str, Any], aws: AwsCalls) -> None:
    api.patch("/tenant", {"email_sender_name": "Nord\r\nBcc: a@b.example"}).ok()
    assert deliver("send_email", requested) == []
    assert sent(aws)[0]["FromEmailAddress"] == '"Nord Bcc: a@b.example" <rechnung@nordlicht.example>'


@pytest.mark.parametrize("name", ["x" * 101, "", "中" * 90])
def test_a_wrong_name_is_refused(api: Client, name: str) -> None:
    answer = api.patch("/tenant", {"email_sender_name": name})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/email_sender_name")
