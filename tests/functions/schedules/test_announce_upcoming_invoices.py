"""Each hour, for each tenant: invoices, ends of trials and other prices are announced once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.subscriptions import bill, now_of, subscribe


def announced(api: Client, at: Clock, event: str, *days: str) -> list[dict[str, Any]]:
    """The details of the events after each of these days of 2026, at noon."""
    for day in days:
        at.now = datetime.fromisoformat(f"2026-{day}T12:00").replace(tzinfo=UTC)
        assert strike("announce_upcoming_invoices", api.tenant_id) == []
    return [one["data"]["details"] for one in details(event)]


def test_the_next_invoice_is_announced_once(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    assert announced(api, at, "subscription.upcoming", "04-02") == []
    version = now_of(api, made)["version"]
    found = announced(api, at, "subscription.upcoming", "04-03", "04-04", "04-10")
    assert found == [{"bill_on": "2026-04-10"}]
    assert now_of(api, made)["version"] == version
    bill(api, made)
    assert len(announced(api, at, "subscription.upcoming", "05-05")) == 2


def test_a_missed_announcement_is_published_later(api: Client, at: Clock) -> None:
    bill(api, subscribe(api))
    assert announced(api, at, "subscription.upcoming", "04-09") == [{"bill_on": "2026-04-10"}]


def test_the_tenant_gives_the_days(api: Client, at: Clock) -> None:
    bill(api, subscribe(api))
    api.patch("/tenant", {"subscription_notices": {"upcoming": 0}}).ok()
    assert announced(api, at, "subscription.upcoming", "04-09") == []
    api.patch("/tenant", {"subscription_notices": {"upcoming": 14}}).ok()
    at.now = datetime(2026, 3, 27, 12, tzinfo=UTC)
    assert len(announced(api, at, "subscription.upcoming", "03-27")) == 1


def test_the_end_of_a_trial_is_announced_once(api: Client, at: Clock) -> None:
    subscribe(api, trial_end="2026-03-23")
    assert announced(api, at, "subscription.trial_ending", "03-19") == []
    found = announced(api, at, "subscription.trial_ending", "03-20", "03-21", "03-23")
    assert found == [{"trial_end": "2026-03-23"}]


@pytest.mark.parametrize(("timing", "grace"), [("advance", 0), ("arrears", 60)])
def test_a_price_change_is_announced_once(api: Client, at: Clock, timing: str, grace: int) -> None:
    price = new_price(api, timing=timing)
    items = [{"price_id": price, "price_policy": policy} for policy in ("next_period", "keep")]
    subscribe(api, items=items, grace_days=grace)
    subscribe(api, items=[{"price_id": price}])
    body = {"valid_from": "2026-05-01", "amounts": {"EUR": {"unit_amount": "15.00"}}}
    api.post(f"/prices/{price}/versions", body).ok()
    assert announced(api, at, "subscription.price_changing", "04-09") == []
    found = announced(api, at, "subscription.price_changing", "04-10", "04-11", "05-09")
    assert found == [{"price_id": price, "price_version": 2, "starts_on": "2026-05-10"}]


def test_a_new_subscription_has_no_price_change(api: Client, at: Clock) -> None:
    price = new_price(api)
    body = {"valid_from": "2026-03-11", "amounts": {"EUR": {"unit_amount": "15.00"}}}
    api.post(f"/prices/{price}/versions", body).ok()
    subscribe(api, items=[{"price_id": price, "price_policy": "next_period"}], start_date="2026-03-20")
    assert announced(api, at, "subscription.price_changing", "03-12") == []


def test_subscriptions_are_read_together(api: Client, at: Clock, aws: AwsCalls) -> None:
    for _ in range(3):
        subscribe(api, start_date="2026-03-12")
    announced(api, at, "subscription.upcoming", "03-10")
    with aws.only("announce_upcoming_invoices") as calls:
        announced(api, at, "subscription.upcoming", "03-10")
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:Query": 1, "dynamodb:BatchGetItem": 1}
    assert len(details("subscription.upcoming")) == 3
