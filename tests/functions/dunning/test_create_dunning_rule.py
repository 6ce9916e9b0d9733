"""POST /dunning-rules: A27, B32."""

from datetime import UTC, datetime
from typing import Any

import pytest

from invoicing.tenants.model import Tenant
from tests.builders import rule_json
from tests.conftest import Clock
from tests.gateway import Client

DUNNING = rule_json(
    level=2,
    type="dunning",
    days_overdue=10,
    fees={"EUR": "5.00", "JPY": "600"},
    interest={"points": "9"},
    texts={"de": {"subject": "Mahnung {number}", "text": "Bitte zahlen Sie {open}."}},
    attach_invoice=True,
)


def test_a_level_is_stored_as_given(api: Client) -> None:
    made = api.post("/dunning-rules", DUNNING).ok(201)
    assert {name: made[name] for name in DUNNING} == {
        **DUNNING,
        "texts": {"de": {"subject": "Mahnung {number}", "text": "Bitte zahlen Sie {open}."}},
    }
    assert (made["enabled"], made["customer_type"], made["version"]) == (True, "any", 1)
    assert api.get(f"/dunning-rules/{made['id']}").ok() == made


def test_each_level_and_customer_type_has_one_rule(api: Client) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    api.post("/dunning-rules", rule_json(customer_type="person")).ok(201)
    answer = api.post("/dunning-rules", rule_json(days_overdue=9))
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (409, "DUPLICATE_LEVEL", "/level")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"level": -1}, "/level"),
        ({"level": 0}, "/days_overdue"),
        ({"level": 6}, "/level"),
        ({"days_overdue": 0}, "/days_overdue"),
        ({"due_in_days": 0}, "/due_in_days"),
        ({"fees": {"EUR": "5.00"}}, "/type"),
        ({"interest": {"points": "9"}}, "/type"),
        ({"type": "dunning", "fees": {"EUR": "0.00"}}, "/fees/EUR"),
        ({"type": "dunning", "fees": {"JPY": "5.00"}}, "/fees/JPY"),
        ({"texts": {"de": {"text": "{password}"}}}, "/texts/de/text"),
        ({"customer_type": "robot"}, "/customer_type"),
    ],
)
def test_invalid_values_are_refused_with_a_pointer(api: Client, changes: dict[str, Any], pointer: str) -> None:
    answer = api.post("/dunning-rules", rule_json(**changes))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


@pytest.mark.parametrize("country", ["DE", "FR"])
def test_interest_needs_a_base_rate_of_today(api: Client, tenant: Tenant, at: Clock, country: str) -> None:
    """Germany's published rates (§ 247 BGB) ship with the product; a company's own rates replace them."""
    assert tenant.address
    address = tenant.address.model_dump(mode="json", exclude_none=True) | {"country": country}
    api.patch("/tenant", {"address": address}).ok()
    if country == "DE":
        api.post("/dunning-rules", DUNNING).ok(201)
        api.delete(f"/dunning-rules/{api.get('/dunning-rules').ok()['data'][0]['id']}").ok(204)
        at.now = datetime(2030, 1, 1, tzinfo=UTC)
    refused = api.post("/dunning-rules", DUNNING)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/interest")
    api.patch("/tenant", {"base_rates": [{"valid_from": "2026-01-01", "rate": "2.15"}]}).ok()
    api.post("/dunning-rules", DUNNING).ok(201)


@pytest.mark.parametrize(
    ("first", "second", "pointer"),
    [
        (rule_json(due_in_days=10), rule_json(level=2, days_overdue=10), "/days_overdue"),
        (rule_json(level=2, days_overdue=7), rule_json(due_in_days=7), "/due_in_days"),
        (rule_json(due_in_days=10, customer_type="person"), rule_json(level=2, days_overdue=9), "/days_overdue"),
    ],
)
def test_a_level_is_later_than_the_due_date_of_the_level_before(
    api: Client, first: dict[str, Any], second: dict[str, Any], pointer: str
) -> None:
    api.post("/dunning-rules", first).ok(201)
    answer = api.post("/dunning-rules", second)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)
    api.post("/dunning-rules", {**second, "days_overdue": 11, "due_in_days": 5}).ok(201)
