"""GET /invoices/{invoice_id}/dunning: the next step, its date and its fee."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.gateway import Client

RATES = {"base_rates": [{"valid_from": "2026-01-01", "rate": "1.27"}]}


@pytest.fixture
def rules(api: Client) -> None:
    """A free reminder after a week, a dunning with fee and interest ten days after it."""
    api.patch("/tenant", RATES).ok()
    api.post("/dunning-rules", rule_json()).ok(201)
    dunning = {"type": "dunning", "days_overdue": 10, "fees": {"EUR": "5.00"}, "interest": {"points": "9"}}
    api.post("/dunning-rules", rule_json(level=2, **dunning)).ok(201)


def test_the_next_level_has_its_day_and_fee(api: Client, issued: dict[str, Any], rules: None) -> None:
    outlook = api.get(f"/invoices/{issued['id']}/dunning").ok()
    assert (issued["due_date"], outlook["obstacle"], outlook["next_at"]) == ("2026-03-24", "not_due", "2026-03-31")
    assert outlook["next"] == {
        "level": 1, "type": "reminder", "at": "2026-03-31", "due_date": "2026-04-07", "open": "119.00",
        "fee": "0.00", "flat_fee": "0.00", "charges": [], "interest": "0.00",
    }  # fmt: skip


def test_a_missed_level_is_not_skipped_and_is_reached_today(
    api: Client, issued: dict[str, Any], rules: None, at: Clock
) -> None:
    at.now += timedelta(days=100)
    outlook = api.get(f"/invoices/{issued['id']}/dunning").ok()
    assert (outlook["obstacle"], outlook["next"]["level"], outlook["next_at"]) == (None, 1, "2026-06-18")


@pytest.mark.parametrize(
    ("obstacle", "change"),
    [
        ("disabled", ("PUT", "/invoices/{id}/dunning", {"disabled": True})),
        ("paused", ("PUT", "/invoices/{id}/dunning", {"paused_until": "2027-01-01"})),
        ("customer_disabled", ("PATCH", "/customers/{customer_id}", {"dunning_disabled": True})),
        ("address_missing", ("PATCH", "/customers/{customer_id}", {"emails": []})),
        ("nothing_due", ("POST", "/invoices/{id}/payments", {"amount": "119.00"})),
        ("nothing_due", ("POST", "/invoices/{id}/close", {"reason": "write_off"})),
        ("nothing_due", ("POST", "/invoices/{id}/cancel", {})),
    ],
)
def test_obstacles_to_the_next_level_are_named(
    api: Client, issued: dict[str, Any], rules: None, at: Clock, obstacle: str, change: Any
) -> None:
    at.now += timedelta(days=30)
    method, path, body = change
    assert api(method, path.format(**issued), body).status < 300
    assert api.get(f"/invoices/{issued['id']}/dunning").ok()["obstacle"] == obstacle


def test_without_a_rule_nothing_happens(api: Client, issued: dict[str, Any]) -> None:
    outlook = api.get(f"/invoices/{issued['id']}/dunning").ok()
    assert (outlook["obstacle"], outlook["next"]) == ("no_rule", None)


def test_a_company_sees_its_fee_flat_fee_and_interest(api: Client, at: Clock) -> None:
    """Directive 2011/7/EU: forty euros and interest from companies; a consumer's first reminder is free."""
    api.patch("/tenant", RATES).ok()
    costly = {"type": "dunning", "fees": {"EUR": "5.00"}, "interest": {"points": "9"}}
    api.post("/dunning-rules", rule_json(**costly)).ok(201)
    at.now += timedelta(days=44)
    expected = []
    for kind in ("company", "person"):
        customer = api.post("/customers", customer_json(type=kind)).ok(201)["id"]
        draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
        issued = api.post(f"/invoices/{draft}/finalize", {"issue_date": "2026-03-10"}).ok()
        following = api.get(f"/invoices/{issued['id']}/dunning").ok()["next"]
        expected.append(tuple(following[name] for name in ("fee", "flat_fee", "interest")))
    # 119.00 × 10.27 % × 30 ÷ 365 = 1.0045
    assert expected == [("5.00", "35.00", "1.00"), ("0.00", "0.00", "1.00")]


def test_interest_follows_the_open_amount_of_each_day(api: Client, at: Clock, issued: dict[str, Any]) -> None:
    api.patch("/tenant", RATES).ok()
    api.post("/dunning-rules", rule_json(type="dunning", interest={"points": "9"})).ok(201)
    at.now += timedelta(days=44)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00", "date": "2026-04-03"}).ok(201)
    # 119.00 for nine days, from the day of the payment on 19.00 for 21: (1071 + 399) × 10.27 % ÷ 365 = 0.4136
    assert api.get(f"/invoices/{issued['id']}/dunning").ok()["next"]["interest"] == "0.41"
