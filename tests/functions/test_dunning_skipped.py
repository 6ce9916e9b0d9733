"""An obstacle of dunning is published as an event and a metric, once for each invoice and reason."""

import json
from datetime import timedelta
from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from tests.aws import AwsCalls
from tests.builders import NOON, rule_json
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.gateway import Client
from tests.mails import deliver_ses_event, sent

INTEREST = rule_json(type="dunning", interest={"points": "9"})


def base_rate_missing(api: Client, invoice: dict[str, Any], aws: AwsCalls) -> None:
    api.patch("/tenant", {"base_rates": [{"valid_from": "2015-01-01", "rate": "1"}]}).ok()
    api.post("/dunning-rules", {**INTEREST, "level": 2, "days_overdue": 8}).ok(201)
    [first] = api.get("/dunning-rules").ok()["data"][1:]
    api.patch(f"/dunning-rules/{first['id']}", {"type": "dunning", "interest": {"points": "9"}}).ok()
    api.patch("/tenant", {"base_rates": [{"valid_from": "2027-01-01", "rate": "1"}], "address": ABROAD}).ok()


def address_missing(api: Client, invoice: dict[str, Any], aws: AwsCalls) -> None:
    api.patch(f"/customers/{invoice['customer_id']}", {"emails": []}).ok()


def address_suppressed(api: Client, invoice: dict[str, Any], aws: AwsCalls) -> None:
    _send(api, invoice)
    deliver_ses_event("Bounce", sent(aws)[-1], "0100-i", bounced=["einkauf@suess.example"])


def sender_missing(api: Client, invoice: dict[str, Any], aws: AwsCalls) -> None:
    api.patch("/tenant", {"email_sender": None}).ok()


def email_limit_reached(api: Client, invoice: dict[str, Any], aws: AwsCalls) -> None:
    _send(api, invoice)
    apply_operator_change(api.tenant_id, OperatorChange(daily_limit=1), at=NOON)


def _send(api: Client, invoice: dict[str, Any]) -> None:
    api.post(f"/invoices/{invoice['id']}/send").ok(202)
    assert deliver("send_email", *details("email.requested")) == []


ABROAD = {"line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris", "country": "FR"}
OBSTACLES = [base_rate_missing, address_missing, address_suppressed, sender_missing, email_limit_reached]


@pytest.mark.parametrize("stop", OBSTACLES)
def test_an_obstacle_is_published_and_counted_once(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, capsys: pytest.CaptureFixture[str], stop: Any
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    stop(api, rendered, aws)
    for _ in range(3):
        assert strike("run_dunning", api.tenant_id) == []
    [event] = details("dunning.skipped")
    assert event["resource"]["id"] == rendered["id"]
    assert event["data"]["details"] == {"level": 1, "reason": stop.__name__}
    lines = [json.loads(one) for one in capsys.readouterr().out.splitlines() if "DunningSkipped" in one]
    assert [(one["DunningSkipped"], one["reason"]) for one in lines] == [([1.0], stop.__name__)]
    assert api.get(f"/invoices/{rendered['id']}/dunning").ok()["obstacle"] == stop.__name__
    entries = api.get(f"/invoices/{rendered['id']}/comments?action_key=REMINDER_ERROR_MAIL").ok()["data"]
    assert [one["type"] for one in entries] == ["skipped"]


def test_obstacles_before_the_day_of_a_level_are_not_published(
    api: Client, rendered: dict[str, Any], at: Clock
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    api.patch(f"/customers/{rendered['customer_id']}", {"emails": []}).ok()
    api.put(f"/invoices/{rendered['id']}/dunning", {"paused_until": "2026-12-31"}).ok()
    at.now += timedelta(days=30)
    assert strike("run_dunning", api.tenant_id) == []
    assert details("dunning.skipped") == []


@pytest.mark.parametrize("settings", [{"disabled": True}, {"paused_until": "2026-12-31"}])
def test_a_deliberate_stop_is_no_event(
    api: Client, rendered: dict[str, Any], at: Clock, settings: dict[str, Any]
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    api.put(f"/invoices/{rendered['id']}/dunning", settings).ok()
    at.now += timedelta(days=30)
    assert strike("run_dunning", api.tenant_id) == []
    assert details("dunning.skipped") == []


def test_the_level_is_reached_after_the_obstacle_ends(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    api.patch(f"/customers/{rendered['customer_id']}", {"emails": []}).ok()
    at.now += timedelta(days=30)
    strike("run_dunning", api.tenant_id)
    api.patch(f"/customers/{rendered['customer_id']}", {"emails": ["neu@suess.example"]}).ok()
    strike("run_dunning", api.tenant_id)
    assert len(details("dunning.document_created")) == 1
