"""The e-mail that confirms a cancellation: sent once, found again when it bounces, and erased with its customer."""

from datetime import timedelta
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.identity import Role
from invoicing.tenants.model import Tenant
from tests.aws import TABLE, AwsCalls, called_by
from tests.aws_events import client_error
from tests.conftest import Clock
from tests.events import deliver, details, function
from tests.gateway import Client, Response
from tests.mails import deliver_ses_event, sent
from tests.subscriptions import bill, now_of, subscribe
from tests.world import signed_in


def confirm(api: Client, made: dict[str, Any], **body: object) -> Response:
    return api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "period_end", "confirm": True, **body})


def send(api: Client) -> None:
    assert deliver("send_email", *details("subscription.email_requested")) == []


def confirmation_of(api: Client, made: dict[str, Any]) -> Any:
    return now_of(api, made)["cancellation"]["confirmation"]


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        (
            "de",
            "Bestätigung Ihrer Kündigung \u2013 Nordlicht",
            "am 10.03.2026, 13:00 erfasst. Das Abonnement endet am 09.04",
        ),
        ("en", "Confirmation of your cancellation \u2013 Nord", "The subscription ends on Apr\u00a09,\u00a02026."),
        ("fr", "Confirmation de votre résiliation \u2013 Nord", "L'abonnement prend fin le 9\u00a0avr.\u00a02026."),
    ],
)
def test_one_mail_names_the_last_day(api: Client, aws: AwsCalls, language: str, subject: str, text: str) -> None:
    made = subscribe(api, language=language, external_id="ABO-7")
    assert confirm(api, made).ok()["cancellation"]["confirmation"]["status"] == "requested"
    for _ in range(3):
        send(api)
    [mail] = sent(aws)
    content = mail["Content"]["Simple"]
    assert mail["Destination"]["ToAddresses"] == ["einkauf@suess.example"]
    assert content["Subject"]["Data"].startswith(subject)
    assert text in content["Body"]["Text"]["Data"]
    assert "ABO-7" in content["Body"]["Text"]["Data"]
    assert confirmation_of(api, made)["status"] == "sent"
    assert len(details("subscription.email_sent")) == 1


def test_a_bounce_of_a_confirmation_is_found(api: Client, aws: AwsCalls) -> None:
    made = subscribe(api)
    confirm(api, made).ok()
    send(api)
    [mail] = sent(aws)
    message_id = details("subscription.email_sent")[0]["data"]["details"]["message_id"]
    deliver_ses_event("Delivery", mail, message_id)
    deliver_ses_event("Bounce", mail, message_id, bounced=["einkauf@suess.example"])
    assert confirmation_of(api, made)["status"] == "bounced"
    [bounced] = details("subscription.email_bounced")
    assert (bounced["resource"]["id"], bounced["data"]["details"]["kind"]) == (made["id"], "permanent")
    refused = confirm(api, made)
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("ADDRESS_SUPPRESSED", "/confirm")


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("path", "change", "code"),
    [("/customers", {"emails": []}, "NO_RECIPIENT"), ("/tenant", {"email_sender": None}, "SENDER_MISSING")],
)
def test_a_mail_that_cannot_be_sent_is_refused(
    api: Client, path: str, change: dict[str, Any], code: str, dry_run: bool
) -> None:
    made = subscribe(api)
    api.patch(path if path == "/tenant" else f"{path}/{made['customer_id']}", change).ok()
    refused = confirm(api, made, dry_run=dry_run)
    assert (refused.status, refused.code, refused.json["errors"][0]["pointer"]) == (422, code, "/confirm")
    assert now_of(api, made)["cancellation"] is None


def test_a_dry_run_sends_no_confirmation(api: Client) -> None:
    confirm(api, subscribe(api), dry_run=True).ok()
    assert details("subscription.email_requested") == []


def test_a_repeated_request_requests_one_mail(api: Client) -> None:
    made = subscribe(api)
    for _ in range(2):
        body = {"at": "now", "confirm": True}
        api.put(f"/subscriptions/{made['id']}/cancellation", body, headers={"Idempotency-Key": "once"}).ok()
    assert len(details("subscription.email_requested")) == 1


@pytest.mark.parametrize("by", ["revoke", "replace"])
def test_a_cancellation_that_changed_is_not_confirmed(api: Client, aws: AwsCalls, by: str) -> None:
    made = subscribe(api)
    confirm(api, made).ok()
    path = f"/subscriptions/{made['id']}/cancellation"
    (api.delete(path) if by == "revoke" else api.put(path, {"at": "date", "on": "2026-12-31"})).ok()
    send(api)
    assert sent(aws) == []
    [failed] = details("subscription.email_failed")
    assert failed["data"]["details"]["reason"] == "CANCELLATION_CHANGED"


def test_a_deferred_confirmation_is_sent_later(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe(api)
    confirm(api, made).ok()
    with monkeypatch.context() as full:
        refused = client_error("SendEmail", 429, "TooManyRequestsException")

        def refuse(**_: Any) -> None:
            raise refused

        full.setattr(client("sesv2"), "send_email", refuse)
        send(api)
    assert confirmation_of(api, made)["status"] == "requested"
    assert len(details("subscription.email_deferred")) == 1
    at.now += timedelta(hours=1)
    with called_by("resend_deferred_emails"):
        function("resend_deferred_emails").declaration({}, None)
    assert (len(sent(aws)), confirmation_of(api, made)["status"]) == (1, "sent")


@pytest.mark.parametrize("before", ["sent", "unsent"])
def test_an_erased_customer_leaves_no_address_in_mails(api: Client, aws: AwsCalls, before: str) -> None:
    made = subscribe(api)
    confirm(api, made, at="now").ok()
    if before == "sent":
        send(api)
    api.post(f"/customers/{made['customer_id']}/erase", raw=b"").ok()
    assert deliver("erase_copies", *details("customer.erased")) == []
    send(api)
    assert len(sent(aws)) == (before == "sent")
    rows = client("dynamodb").scan(TableName=TABLE)["Items"]
    [mail] = [row for row in rows if row["SK"]["S"].startswith("MAIL#")]
    assert "suess" not in str(mail)
    about = [row for row in rows if row["PK"]["S"].endswith(made["id"])]
    assert "suess" not in str(about)


def test_a_billed_subscription_is_confirmed_with_its_invoice(api: Client) -> None:
    """A later end charges the days that changes did not charge, in the commit that requests the mail."""
    made = subscribe(api)
    bill(api, made)
    cancel = f"/subscriptions/{made['id']}/cancellation"
    api.put(cancel, {"at": "date", "on": "2026-03-20"}).ok()
    api.post(f"/subscriptions/{made['id']}/changes", {"at": "now", "items": [
        {"op": "set", "item_id": made["items"][0]["id"], "quantity": "2"},
    ]}).ok()  # fmt: skip
    assert confirm(api, made, at="date", on="2026-03-25").ok()["cancellation"]["confirmation"]["status"] == "requested"
    assert len(details("subscription.email_requested")) == 1


def test_a_portal_user_sees_no_confirmation(api: Client, tenant: Tenant) -> None:
    made = subscribe(api)
    confirm(api, made).ok()
    portal = signed_in(tenant, Role.CUSTOMER, customer_id=made["customer_id"])
    assert now_of(portal, made)["cancellation"]["confirmation"] is None
