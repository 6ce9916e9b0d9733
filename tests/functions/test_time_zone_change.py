"""Decisions use the tenant's stored time zone, not the older one that API Gateway caches with the credentials."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from invoicing.aws import email
from tests import gateway
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.dunning import written
from tests.events import deliver, details, strike
from tests.gateway import Client
from tests.unit.test_pdf import text_of

AHEAD, BEHIND = "Pacific/Auckland", "Pacific/Pago_Pago"
TODAY, TOMORROW = "2026-03-10", "2026-03-11"
"""At noon UTC it is 10 March in Berlin, the old time zone, and 11 March in Auckland."""


@pytest.fixture(autouse=True)
def _cached_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the authorizer's first answer for each key, as API Gateway does for 5 minutes."""
    authorize, cached = gateway.authorized, {}

    def authorized(event: Mapping[str, Any]) -> tuple[bool, Mapping[str, str]]:
        key = event["headers"]["Authorization"]
        if key not in cached:
            cached[key] = authorize(event)
        return cached[key]

    monkeypatch.setattr(gateway, "authorized", authorized)


def move(api: Client, time_zone: str) -> None:
    api.patch("/tenant", {"time_zone": time_zone}).ok()


def draft(api: Client) -> str:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    return str(api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"])


def adjust(api: Client, customer: str, amount: str) -> dict[str, Any]:
    tax = {"category": "S", "rate": "19"}
    body = {"customer_id": customer, "amount": amount, "description": "Goodwill", "tax": tax}
    found: dict[str, Any] = api.post("/invoices/adjustments", body).ok(201)
    return found


def test_the_cached_credentials_keep_the_old_zone(api: Client, issued: dict[str, Any], at: Clock) -> None:
    move(api, AHEAD)
    at.now += timedelta(days=14)
    assert api.get(f"/invoices/{issued['id']}").ok()["overdue"] is False


def test_finalize_issues_on_the_new_zones_day(api: Client) -> None:
    first = draft(api)
    move(api, AHEAD)
    after = api.post(f"/invoices/{first}/finalize").ok()
    assert (after["issue_date"], after["due_date"]) == (TOMORROW, "2026-03-25")


def test_finalize_refuses_a_date_in_the_new_zones_future(api: Client, at: Clock) -> None:
    first = draft(api)
    move(api, BEHIND)
    at.now = at.now.replace(hour=3)
    answer = api.post(f"/invoices/{first}/finalize", {"issue_date": TODAY})
    assert answer.code == "DATE_NOT_ALLOWED"


@pytest.mark.parametrize(("zone", "number"), [(AHEAD, "INV-2027-000001"), (BEHIND, "INV-2026-000001")])
def test_numbers_count_in_the_new_zones_year(api: Client, at: Clock, aws: AwsCalls, zone: str, number: str) -> None:
    at.now = datetime.fromisoformat("2026-12-31T23:30:00Z")
    first = draft(api)
    move(api, zone)
    with aws.only("finalize_invoice") as calls:
        assert api.post(f"/invoices/{first}/finalize").ok()["number"] == number
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_a_payment_is_dated_by_the_new_zone(api: Client, issued: dict[str, Any]) -> None:
    move(api, AHEAD)
    assert api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00"}).ok(201)["date"] == TOMORROW


def test_a_payment_in_the_new_zones_future_is_refused(api: Client, issued: dict[str, Any], at: Clock) -> None:
    move(api, BEHIND)
    at.now = at.now.replace(hour=3)
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00", "date": TODAY})
    assert answer.code == "DATE_NOT_ALLOWED"


def test_the_status_paid_is_dated_by_the_new_zone(api: Client, issued: dict[str, Any]) -> None:
    move(api, AHEAD)
    api.put(f"/invoices/{issued['id']}/status", {"status": "paid"}).ok()
    [payment] = api.get(f"/invoices/{issued['id']}/payments").ok()["data"]
    assert payment["date"] == TOMORROW


def test_applied_credit_is_dated_by_the_new_zone(api: Client, issued: dict[str, Any]) -> None:
    note = adjust(api, issued["customer_id"], "-10.00")
    move(api, AHEAD)
    body = {"amount": "1.00", "method": "credit", "source_id": note["id"]}
    assert api.post(f"/invoices/{issued['id']}/payments", body).ok(201)["date"] == TOMORROW
    [refund] = api.get(f"/invoices/{note['id']}/payments").ok()["data"]
    assert refund["date"] == TOMORROW


def test_credit_notes_are_issued_on_the_new_zones_day(api: Client, issued: dict[str, Any]) -> None:
    move(api, AHEAD)
    note = api.post(f"/invoices/{issued['id']}/credit", {"reason": "order_change"}).ok(201)
    assert note["issue_date"] == TOMORROW


def test_a_preview_shows_the_new_zones_day(api: Client) -> None:
    first = draft(api)
    move(api, AHEAD)
    pdf = api.get(f"/invoices/{first}/preview").text.encode("latin-1")
    assert "11.03.2026" in text_of(pdf)


def test_adjustments_are_issued_on_the_new_zones_day(api: Client, issued: dict[str, Any]) -> None:
    move(api, AHEAD)
    assert adjust(api, issued["customer_id"], "10.00")["issue_date"] == TOMORROW


@pytest.mark.parametrize("operation", ["cancel", "correct"])
def test_cancellations_are_issued_on_the_new_zones_day(api: Client, issued: dict[str, Any], operation: str) -> None:
    move(api, AHEAD)
    assert api.post(f"/invoices/{issued['id']}/{operation}").status in (200, 201)
    cancellation = api.get(f"/invoices/{issued['id']}").ok()["cancellation_id"]
    assert api.get(f"/invoices/{cancellation}").ok()["issue_date"] == TOMORROW


def test_closed_books_are_checked_by_the_new_zones_day(api: Client, issued: dict[str, Any]) -> None:
    api.patch("/tenant", {"time_zone": AHEAD, "books_closed_until": TODAY}).ok()
    api.post(f"/invoices/{issued['id']}/cancel").ok()


def test_dunning_runs_are_dated_by_the_new_zone(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json(level=1, days_overdue=8)).ok(201)
    move(api, AHEAD)
    at.now += timedelta(days=14 + 7)
    run = api.post("/dunning-runs", {"dry_run": True}).ok()
    assert run["on"] == "2026-04-01"
    assert [one["invoice_id"] for one in run["reached"]] == [issued["id"]]


def test_a_consumer_counts_days_in_the_tenants_zone(
    api: Client, rendered: dict[str, Any], at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise email.Refused("MessageRejected")

    monkeypatch.setattr(email, "send", refuse)
    api.post("/dunning-rules", rule_json(level=1, days_overdue=8)).ok(201)
    move(api, AHEAD)
    at.now += timedelta(days=30)
    assert strike("run_dunning", api.tenant_id) == []
    assert deliver("send_email", *written()) == []
    [canceled] = details("dunning.document_canceled")
    # 10 April in Auckland, and a day of waiting; in UTC and in Berlin it is still 9 April.
    assert canceled["data"]["object"]["dunning"]["retry_at"] == "2026-04-11"


NEAR_MIDNIGHT = [
    # (zone, UTC, overdue): the invoice is due on 24 March. In UTC it is 24 March, then 25 March.
    (AHEAD, "2026-03-24T10:59:00Z", False),
    (AHEAD, "2026-03-24T11:00:00Z", True),
    (BEHIND, "2026-03-25T10:59:00Z", False),
    (BEHIND, "2026-03-25T11:00:00Z", True),
]


@pytest.mark.parametrize(("zone", "now", "overdue"), NEAR_MIDNIGHT)
def test_events_of_consumers_are_overdue_by_the_tenants_day(
    api: Client, issued: dict[str, Any], at: Clock, zone: str, now: str, *, overdue: bool
) -> None:
    move(api, zone)
    at.now = datetime.fromisoformat(now)
    assert issued["due_date"] == "2026-03-24"
    assert deliver("render_document", *details("invoice.finalized")) == []
    [event] = details("document.rendered")
    assert event["data"]["object"]["overdue"] is overdue


@pytest.mark.parametrize(("zone", "now", "overdue"), NEAR_MIDNIGHT)
def test_events_of_requests_are_overdue_by_the_new_zones_day(
    api: Client, issued: dict[str, Any], at: Clock, zone: str, now: str, *, overdue: bool
) -> None:
    move(api, zone)
    at.now = datetime.fromisoformat(now)
    api.put(f"/invoices/{issued['id']}/note", {"internal_note": "x"}).ok()
    [event] = details("invoice.updated")
    assert event["data"]["object"]["overdue"] is overdue


def test_the_zone_is_read_only_for_decisions(api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls) -> None:
    path = f"/invoices/{issued['id']}/note"
    with aws.only("set_note") as far_from_it:
        api.put(path, {"internal_note": "x"}).ok()
    at.now += timedelta(days=14)
    with aws.only("set_note") as near:
        api.put(path, {"internal_note": "y"}).ok()
    at.now += timedelta(days=14)
    with aws.only("set_note") as long_overdue:
        api.put(path, {"internal_note": "z"}).ok()
    assert near.names - far_from_it.names == {"dynamodb:GetItem": 1}
    assert long_overdue.names == far_from_it.names
