"""POST /customers/{customer_id}/statement/send → the mail with the statement"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from invoicing.aws.clients import client
from invoicing.core.identity import Caller, Role
from invoicing.mail.model import RETRY_AFTER, OutgoingMail
from invoicing.mail.table import mail_ids
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.aws import AwsCalls, called_by
from tests.aws_events import client_error
from tests.builders import NOON
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details, function
from tests.faults.deaths import Moment, dies_at
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client
from tests.logos import base64_of, pictures, png
from tests.mails import as_asked, deliver_ses_event, sent
from tests.unit.test_pdf import text_of
from tests.uploads import keys, stored


def path_of(issued: dict[str, Any]) -> str:
    return f"/customers/{issued['customer_id']}/statement/send"


def request(api: Client, issued: dict[str, Any], body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The event that requests the mail."""
    record(api)
    api.post(path_of(issued), body or {}).ok(202)
    event: dict[str, Any] = details("statement.requested")[-1]
    return event


def mail_of(api: Client, issued: dict[str, Any]) -> OutgoingMail:
    """The only mail to the customer."""
    store = Store(Session(Caller.system(api.tenant_id), NOON))
    [mail_id] = mail_ids(store, issued["customer_id"])
    return store.get(OutgoingMail, issued["customer_id"], mail_id)


def test_the_mail_has_the_statement_and_is_sent_once(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    api.put("/tenant/logo", {"image": base64_of(png(300, 90))}).ok()
    event = request(api, issued)
    for _ in range(3):
        assert deliver("send_email", event) == []
    [mail] = sent(aws)
    assert mail["Destination"]["ToAddresses"] == ["einkauf@suess.example"]
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == "Kontoauszug 01.03.2026 \u2013 10.03.2026 von Nordlicht Werkzeuge GmbH"
    [file] = content["Attachments"]
    assert file["FileName"] == "Kontoauszug 2026-03-01 2026-03-10.pdf"
    assert f"Rechnung{issued['number']}" in text_of(file["RawContent"])
    assert pictures(file["RawContent"]) == [(300, 90)]
    tags = {tag["Name"]: tag["Value"] for tag in mail["EmailTags"]}
    assert (tags["customer_id"], tags["event_id"]) == (issued["customer_id"], event["id"])
    assert event["data"]["details"]["first"] == "2026-03-01"
    assert len(details("statement.sent")) == 1


def test_a_repeated_request_sends_one_mail(api: Client, issued: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "april"}
    first, second = (api.post(path_of(issued), {"to": ["a@suess.example"]}, headers=key) for _ in range(2))
    assert (first.status, second.status, second.headers["Idempotency-Replayed"]) == (202, 202, "true")
    assert len(details("statement.requested")) == 1


def test_the_mail_waits_while_ses_accepts_none(
    api: Client, issued: dict[str, Any], aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = request(api, issued)
    with monkeypatch.context() as closed:
        refused = client_error("SendEmail", 400, "ThrottlingException")
        closed.setattr(client("sesv2"), "send_email", Mock(side_effect=refused))
        assert deliver("send_email", event) == []
    assert [one["data"]["details"]["reason"] for one in details("statement.deferred")] == ["ThrottlingException"]
    at.now += RETRY_AFTER + timedelta(seconds=1)
    with called_by("resend_deferred_emails"):
        function("resend_deferred_emails").declaration({}, None)
    assert len(sent(aws)) == len(details("statement.sent")) == 1


def test_a_bounce_suppresses_the_address(api: Client, issued: dict[str, Any]) -> None:
    event = request(api, issued)
    assert deliver("send_email", event) == []
    deliver_ses_event("Bounce", as_asked(event), "0", bounced=["einkauf@suess.example"])
    assert mail_of(api, issued).status == "bounced"
    assert [one["data"]["details"]["kind"] for one in details("statement.bounced")] == ["permanent"]
    assert api.post(path_of(issued)).code == "ADDRESS_SUPPRESSED"


def test_a_reject_is_recorded(api: Client, issued: dict[str, Any]) -> None:
    event = request(api, issued, {"subject": "Ihr Konto"})
    deliver_ses_event("Reject", as_asked(event), "0")
    assert mail_of(api, issued).status == "failed"
    assert [one["data"]["details"]["reason"] for one in details("statement.failed")] == ["Bad content"]


@pytest.mark.parametrize(("moment", "kept"), [("before", 0), ("after", 1)])
def test_the_file_stays_only_if_the_mail_was_committed(
    api: Client, issued: dict[str, Any], aws: AwsCalls, moment: Moment, kept: int
) -> None:
    with dies_at("TransactWriteItems", moment, aws):
        api.post(path_of(issued))
    [key] = keys(api.tenant_id)
    assert deliver_raw("delete_unreferenced_file", stored(key), stored(key)) == []
    assert len(keys(api.tenant_id)) == kept


def test_an_erased_customer_gets_no_statement(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/customers/{issued['customer_id']}/erase", raw=b"").ok()
    assert api.post(path_of(issued), {"to": ["a@suess.example"]}).code == "CUSTOMER_ERASED"


def test_a_customer_without_address_is_refused(api: Client, issued: dict[str, Any]) -> None:
    api.patch(f"/customers/{issued['customer_id']}", {"emails": []}).ok()
    assert api.post(path_of(issued)).code == "NO_RECIPIENT"
    assert keys(api.tenant_id) == []


def test_a_member_sends_only_statements_of_owned_customers(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client]
) -> None:
    assert sign_in(Role.MEMBER).post(path_of(issued)).code == "ACCESS_DENIED"
