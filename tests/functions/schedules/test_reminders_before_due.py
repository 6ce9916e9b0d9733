"""Level 0 of the dunning rules: one mail some days before the due date, which counts as no dunning."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.dunning import ENDS
from tests.events import deliver, details, strike
from tests.faults.deaths import Moment, strike_through_a_death
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, sent
from tests.world import issue, render

# Due on 24 March; three days before it is the 21st, which begins in Berlin at 23:00 UTC.
LAST_MOMENT = datetime(2026, 3, 20, 22, 59, tzinfo=UTC)
THE_DAY = datetime(2026, 3, 20, 23, 0, tzinfo=UTC)
RULE = rule_json(level=0, days_overdue=-3, due_in_days=3)


@pytest.fixture(autouse=True)
def rule(api: Client) -> str:
    """The path of the rule."""
    return f"/dunning-rules/{api.post('/dunning-rules', RULE).ok(201)['id']}"


def run(api: Client) -> list[dict[str, Any]]:
    """The requested reminders after a run."""
    assert strike("run_dunning", api.tenant_id) == []
    return list(details("email.requested"))


def test_the_reminder_is_sent_once_on_its_local_day(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    at.now = LAST_MOMENT
    assert run(api) == []
    at.now = THE_DAY
    [event] = run(api)
    for _ in range(3):
        at.now += timedelta(hours=20)
        assert run(api) == [event]
    assert deliver("send_email", event) == []
    assert deliver("send_email", event) == []
    [mail] = sent(aws)
    content = mail["Content"]["Simple"]
    subject = f"Rechnung {issued['number']} von Nordlicht Werkzeuge GmbH ist am 24.03.2026 fällig"
    assert content["Subject"]["Data"] == subject
    assert (
        f"119,00\xa0€ unserer Rechnung {issued['number']} sind am 24.03.2026 fällig" in content["Body"]["Text"]["Data"]
    )
    [entry] = [one for one in api.get(f"/invoices/{issued['id']}/comments").ok()["data"] if one["type"] == "sent"]
    assert entry["action_key"] == "REMINDER_MAIL"


def test_the_reminder_is_no_dunning(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    before = api.get(f"/invoices/{issued['id']}/dunning").ok()
    at.now = THE_DAY
    [event] = run(api)
    deliver_ses_event("Send", as_asked(event), "0")
    assert api.get(f"/invoices/{issued['id']}/dunning").ok() == before
    invoice = api.get(f"/invoices/{issued['id']}").ok()
    assert (invoice["sent_at"], invoice["dunning"], invoice["version"]) == (None, issued["dunning"], issued["version"])
    assert api.get("/dunning-documents").ok()["data"] == []
    at.now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert strike("run_dunning", api.tenant_id) == []
    [reached] = details("dunning.document_created")
    assert reached["data"]["details"]["level"] == 1


@pytest.mark.parametrize("call", [4, 8])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_requests_one_reminder(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, call: int, moment: Moment
) -> None:
    at.now = THE_DAY
    strike_through_a_death("run_dunning", api.tenant_id, call, moment, aws)
    assert [one["resource"]["id"] for one in run(api)] == [issued["id"]]


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_reminded_that_is_not_owed(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, end: Any
) -> None:
    end(api, f"/invoices/{issue(api)['id']}")
    at.now = THE_DAY
    [event] = run(api)
    end(api, f"/invoices/{issued['id']}")
    assert run(api) == [event]
    assert deliver("send_email", event) == []
    assert sent(aws) == []
    assert [one["data"]["details"]["reason"] for one in details("email.failed")] == ["NOTHING_DUE"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "/invoices/{id}/dunning", {"disabled": True, "reason": "disputed"}),
        ("put", "/invoices/{id}/dunning", {"paused_until": "2026-03-30"}),
        ("patch", "/customers/{customer_id}", {"dunning_disabled": True}),
    ],
)
def test_stopped_and_paused_dunning_stops_the_reminder(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, method: str, path: str, body: dict[str, Any]
) -> None:
    other = issue(api)
    getattr(api, method)(path.format(**other), body).ok()
    at.now = THE_DAY
    [event] = run(api)
    getattr(api, method)(path.format(**issued), body).ok()
    at.now = datetime(2026, 3, 23, 12, tzinfo=UTC)
    assert run(api) == [event]
    assert deliver("send_email", event) == []
    assert sent(aws) == []


def test_a_disabled_rule_sends_no_reminder(api: Client, issued: dict[str, Any], at: Clock, rule: str) -> None:
    at.now = THE_DAY
    api.patch(rule, {"enabled": False}).ok()
    assert run(api) == []
    api.patch(rule, {"enabled": True}).ok()
    assert [one["resource"]["id"] for one in run(api)] == [issued["id"]]


def test_a_run_after_an_outage_reminds_only_before_the_due_date(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = datetime(2026, 3, 23, 23, 30, tzinfo=UTC)
    assert run(api) == []
    at.now = datetime(2026, 3, 23, 22, 30, tzinfo=UTC)
    assert [one["resource"]["id"] for one in run(api)] == [issued["id"]]


def test_a_mail_that_waits_beyond_the_due_date_is_not_sent(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    at.now = THE_DAY
    [event] = run(api)
    at.now = datetime(2026, 3, 25, 12, tzinfo=UTC)
    assert deliver("send_email", event) == []
    assert sent(aws) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"payment_method": "sepa_direct_debit", "mandate": {"reference": "M-1", "iban": "DE02120300000000202051"}},
        {"payment_method": "card", "card": {"last_digits": "4242"}},
        {"due_date": "2026-03-13"},
    ],
)
def test_collected_and_just_issued_invoices_have_no_reminder(api: Client, at: Clock, fields: dict[str, Any]) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, **fields)).ok(201)["id"]
    assert api.post(f"/invoices/{draft}/finalize").ok()["status"] == "open"
    for day in range(10, 24):
        at.now = datetime(2026, 3, day, 12, tzinfo=UTC)
        assert run(api) == []


def test_a_reminder_has_the_rules_text_and_the_invoice(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, rule: str
) -> None:
    words = {"de": {"subject": "Bald fällig: {number}", "text": "{open} bis {due_date}, {fee}. {page}"}}
    api.patch(rule, {"attach_invoice": True, "texts": words}).ok()
    render(api.tenant_id, issued, at.now)
    api.patch(f"/customers/{issued['customer_id']}", {"recipients": {"dunning": ["mahnung@suess.example"]}}).ok()
    at.now = THE_DAY
    assert deliver("send_email", *run(api)) == []
    [mail] = sent(aws)
    content = mail["Content"]["Simple"]
    assert mail["Destination"]["ToAddresses"] == ["mahnung@suess.example"]
    assert content["Subject"]["Data"] == f"Bald fällig: {issued['number']}"
    assert "119,00\xa0€ bis 24.03.2026, 0,00\xa0€. https://api.test/v1/pages/" in content["Body"]["Text"]["Data"]
    assert [one["FileName"] for one in content["Attachments"]] == [f"{issued['number']}.pdf"]


def test_a_customer_without_address_is_recorded_once(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.patch(f"/customers/{issued['customer_id']}", {"emails": []}).ok()
    at.now = THE_DAY
    for _ in range(3):
        assert run(api) == []
    [skipped] = details("dunning.skipped")
    assert skipped["data"]["details"] == {"level": 0, "reason": "address_missing"}
    api.patch(f"/customers/{issued['customer_id']}", {"emails": ["neu@suess.example"]}).ok()
    assert len(run(api)) == 1


def test_an_erased_customer_gets_no_reminder(api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls) -> None:
    at.now = THE_DAY
    [event] = run(api)
    api.post(f"/customers/{issued['customer_id']}/erase", raw=b"").ok()
    assert deliver("erase_copies", *details("customer.erased")) == []
    assert deliver("send_email", event) == []
    assert sent(aws) == []


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"type": "dunning"}, "/type"),
        ({"days_overdue": 3}, "/days_overdue"),
        ({"days_overdue": 0}, "/days_overdue"),
        ({"due_in_days": 4}, "/due_in_days"),
        ({"fees": {"EUR": "5.00"}}, "/type"),
        ({"level": 1}, "/level"),
        ({"days_overdue": -61}, "/days_overdue"),
    ],
)
def test_a_rule_of_level_0_is_checked(api: Client, rule: str, changed: dict[str, Any], pointer: str) -> None:
    refused = api.patch(rule, changed)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)


def test_a_rule_of_level_0_is_kept_beside_the_others(api: Client, rule: str) -> None:
    first = api.post("/dunning-rules", rule_json(days_overdue=1)).ok(201)["id"]
    assert api.post("/dunning-rules", RULE).code == "DUPLICATE_LEVEL"
    assert {one["level"] for one in api.get("/dunning-rules").ok()["data"]} == {0, 1}
    assert api.patch(f"/dunning-rules/{first}", {"days_overdue": -3}).status == 400
    assert api.get(rule).ok()["level"] == 0
    api.delete(rule).ok(204)
    assert api.get(rule).code == "RULE_NOT_FOUND"
    api.post("/dunning-rules", RULE).ok(201)
