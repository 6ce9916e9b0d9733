"""An undelivered reminder does not count: the level is reset, its fee is waived, and it is issued again."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from invoicing.aws import email
from tests.aws import AwsCalls
from tests.builders import NOON, rule_json
from tests.conftest import Clock
from tests.dunning import deliver_letters, pay, written
from tests.events import deliver, details, strike
from tests.gateway import Client
from tests.mails import deliver_ses_event, sent

CUSTOMER = "einkauf@suess.example"


@pytest.fixture(autouse=True)
def _rules(api: Client) -> None:
    """Both levels have a fee, so that a remaining fee would be detected."""
    costly = {"type": "dunning", "fees": {"EUR": "5.00"}}
    for level in (1, 2):
        api.post("/dunning-rules", rule_json(level=level, days_overdue=8, **costly)).ok(201)


def run(api: Client, at: Clock, *, days: int = 0) -> None:
    at.now += timedelta(days=days)
    assert strike("run_dunning", api.tenant_id) == []


def levels(api: Client) -> list[tuple[int, str]]:
    documents = api.get("/dunning-documents?order=asc").ok()["data"]
    return [(one["level"], one["status"]) for one in sorted(documents, key=lambda one: str(one["number"]))]


def refused_by_ses(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    def refuse(*_: Any, **__: Any) -> str:
        raise email.Refused("MessageRejected")

    with patch.context() as broken:
        broken.setattr(email, "send", refuse)
        assert deliver("send_email", *written()) == []
    return "MessageRejected"


def bounced(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    assert deliver("send_email", *written()) == []
    for _ in range(2):
        deliver_ses_event("Bounce", sent(aws)[-1], "0100-a", bounced=[CUSTOMER])
    return "BOUNCED"


def rejected_later(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    assert deliver("send_email", *written()) == []
    deliver_ses_event("Reject", sent(aws)[-1], "0100-a")
    return "Bad content"


def suppressed_meanwhile(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    requested = written()
    _bounce_of_an_invoice(api, aws)
    assert deliver("send_email", *requested) == []
    return "ADDRESS_SUPPRESSED"


def address_removed(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    api.patch(f"/customers/{_customer(api)}", {"emails": []}).ok()
    assert written() == []
    return "ADDRESS_MISSING"


def over_the_limit(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    requested = written()
    apply_operator_change(api.tenant_id, OperatorChange(daily_limit=1), at=NOON)
    _mail_an_invoice(api)
    assert deliver("send_email", *requested) == []
    return "EMAIL_LIMIT_REACHED"


def sender_revoked(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    requested = written()
    apply_operator_change(api.tenant_id, OperatorChange(revoke=["nordlicht.example"]), at=NOON)
    assert deliver("send_email", *requested) == []
    return "SENDER_NOT_GRANTED"


def never_sent(api: Client, aws: AwsCalls, patch: pytest.MonkeyPatch) -> str:
    """Its message is in a dead-letter queue, for any cause."""
    return "NOT_SENT"


FAILURES = [
    refused_by_ses, bounced, rejected_later, suppressed_meanwhile, address_removed, over_the_limit, sender_revoked,
    never_sent,
]  # fmt: skip


@pytest.mark.parametrize("fail", FAILURES)
def test_an_undelivered_level_costs_nothing_and_is_issued_again(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch,
    fail: Callable[[Client, AwsCalls, pytest.MonkeyPatch], str],
) -> None:  # fmt: skip
    run(api, at, days=30)
    why = fail(api, aws, monkeypatch)
    run(api, at, days=10)
    [canceled] = details("dunning.document_canceled")
    assert canceled["data"]["details"]["reason"] == "undeliverable"
    skipped = [one["data"]["details"] for one in details("dunning.skipped")]
    assert (skipped[0]["level"], skipped[0]["reason"], skipped[0]["detail"]) == (1, "undelivered", why)
    assert api.get(f"/invoices/{rendered['id']}").ok()["dunning"]["fees_due"] in ("0.00", "5.00")
    _let_mail_through(api)
    run(api, at, days=2)
    assert levels(api) == [(1, "canceled"), (1, "open")]
    deliver_letters(api, at.now)
    run(api, at, days=10)
    assert levels(api) == [(1, "canceled"), (1, "sent"), (2, "open")]
    assert api.get(f"/invoices/{rendered['id']}").ok()["dunning"]["fees_due"] == "10.00"


def test_no_document_is_issued_to_an_address_that_bounced(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(api, at, days=30)
    bounced(api, aws, monkeypatch)
    for _ in range(20):
        run(api, at, days=1)
    assert levels(api) == [(1, "canceled")]
    dunning = api.get(f"/invoices/{rendered['id']}/dunning").ok()
    assert (dunning["level"], dunning["last_at"], dunning["fees_due"]) == (0, None, "0.00")
    assert dunning["obstacle"] == "address_suppressed"


def test_the_wait_doubles_while_ses_refuses_every_mail(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(api, at, days=30)
    begun, issued_on = at.now, []
    for _ in range(20):
        if api.get("/dunning-documents?status=open").ok()["data"]:
            issued_on.append((at.now - begun).days)
            refused_by_ses(api, aws, monkeypatch)
        run(api, at, days=1)
    assert issued_on == [0, 1, 3, 7, 15]
    assert {level for level, _ in levels(api)} == {1}


def test_a_second_level_that_bounces_goes_back_to_the_first(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(api, at, days=30)
    deliver_letters(api, at.now)
    first = api.get(f"/invoices/{rendered['id']}").ok()["dunning"]
    run(api, at, days=10)
    bounced(api, aws, monkeypatch)
    assert api.get(f"/invoices/{rendered['id']}").ok()["dunning"] == {**first, "undelivered": 1}


def test_a_reminder_that_reached_one_of_two_addresses_counts(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    other = "buchhaltung@suess.example"
    api.patch(f"/customers/{rendered['customer_id']}", {"emails": [CUSTOMER, other]}).ok()
    run(api, at, days=30)
    assert deliver("send_email", *written()) == []
    deliver_ses_event("Bounce", sent(aws)[-1], "0100-a", bounced=[CUSTOMER])
    assert levels(api) == [(1, "sent")]
    deliver_ses_event("Bounce", sent(aws)[-1], "0100-a", bounced=[other.upper()])
    assert levels(api) == [(1, "canceled")]


def test_a_complaint_proves_that_the_reminder_arrived(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    run(api, at, days=30)
    assert deliver("send_email", *written()) == []
    deliver_ses_event("Complaint", sent(aws)[-1], "0100-a", bounced=[CUSTOMER])
    assert levels(api) == [(1, "sent")]


def test_a_letter_of_an_invoice_paid_meanwhile_charges_no_fee(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    run(api, at, days=30)
    requested = written()
    pay(api, f"/invoices/{rendered['id']}")
    assert deliver("send_email", *requested) == []
    assert api.get(f"/invoices/{rendered['id']}").ok()["dunning"]["fees_due"] == "0.00"
    assert levels(api) == [(1, "canceled")]
    assert details("dunning.skipped") == []


def test_a_bounce_that_ses_reports_before_the_sending_counts(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    run(api, at, days=30)
    assert deliver("send_email", *written()) == []
    deliver_ses_event("Bounce", sent(aws)[-1], "0100-a", bounced=[CUSTOMER])
    deliver_ses_event("Send", sent(aws)[-1], "0100-b")
    [document] = api.get("/dunning-documents").ok()["data"]
    assert (document["status"], document["sent_at"], document["cancel_reason"]) == ("canceled", None, "undeliverable")


def test_the_operator_sees_an_undelivered_reminder_as_a_metric(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run(api, at, days=30)
    refused_by_ses(api, aws, monkeypatch)
    lines = [json.loads(one) for one in capsys.readouterr().out.splitlines() if "DunningSkipped" in one]
    [line] = lines
    assert (line["DunningSkipped"], line["reason"], line["detail"]) == ([1.0], "undelivered", "MessageRejected")
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "DunningSkipped", "Unit": "Count"}]


def _customer(api: Client) -> str:
    return str(api.get("/invoices").ok()["data"][0]["customer_id"])


def _mail_an_invoice(api: Client) -> None:
    [invoice] = api.get("/invoices").ok()["data"]
    api.post(f"/invoices/{invoice['id']}/send", {"to": [CUSTOMER]}).ok(202)
    requested = [one for one in details("email.requested") if not one["data"]["details"].get("document_id")]
    assert deliver("send_email", *requested) == []


def _bounce_of_an_invoice(api: Client, aws: AwsCalls) -> None:
    _mail_an_invoice(api)
    deliver_ses_event("Bounce", sent(aws)[-1], "0100-i", bounced=[CUSTOMER])


def _let_mail_through(api: Client) -> None:
    """Correct the customer's address and the tenant's limit, which removes all obstacles."""
    api.patch(f"/customers/{_customer(api)}", {"emails": ["neu@suess.example"]}).ok()
    apply_operator_change(api.tenant_id, OperatorChange(grant=["nordlicht.example"], daily_limit=100), at=NOON)
