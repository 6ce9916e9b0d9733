"""Subscriptions through the API, and the hours in which they are billed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invoicing.aws.clients import client
from invoicing.core import clock
from tests.billing import bill_due, bill_hour
from tests.builders import customer_json, subscription_json
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, over_quota

ZONE = ZoneInfo("Europe/Berlin")
"""The time zone of the tenant."""


def subscribe(api: Client, **fields: Any) -> dict[str, Any]:
    """A subscription of a new customer, unless `customer_id` names one."""
    customer = fields.pop("customer_id", None) or api.post("/customers", customer_json()).ok(201)["id"]
    made: dict[str, Any] = api.post("/subscriptions", subscription_json(customer_id=customer, **fields)).ok(201)
    return made


def bill(api: Client, *subscriptions: dict[str, Any]) -> None:
    """Let the clock bill all that is due. After the run of this hour, another run does it."""
    if bill_hour(api) is None and subscriptions:
        last = api.get("/billing-runs?source=subscriptions&limit=1").ok()["data"]
        if last and last[0]["hour"] == clock.now().astimezone(ZONE).strftime("%Y-%m-%dT%H"):
            bill_due(api)


def bill_at(api: Client, at: Clock, moment: str, *subscriptions: dict[str, Any]) -> None:
    """Bill at another moment, in UTC."""
    at.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    bill(api, *subscriptions)


def invoices(api: Client, subscription: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of a subscription's customer with their lines: oldest first, of one moment by their period."""
    found = api.get(f"/invoices?customer_id={subscription['customer_id']}&limit=100").ok()["data"]
    whole = [api.get(f"/invoices/{one['id']}").ok() for one in found]
    return sorted(whole, key=lambda one: (one["type"] != "invoice", one["created_at"], _last_start(one)))


def _last_start(invoice: dict[str, Any]) -> str:
    return max(str(line["period"]["start"]) for line in invoice["lines"])


def periods(api: Client, subscription: dict[str, Any]) -> list[dict[str, Any]]:
    """The periods of a subscription, by track and first day."""
    found = api.get(f"/subscriptions/{subscription['id']}/periods?order=asc&limit=100").ok()["data"]
    return list(found)


def now_of(api: Client, subscription: dict[str, Any]) -> dict[str, Any]:
    """A subscription in its present state."""
    found: dict[str, Any] = api.get(f"/subscriptions/{subscription['id']}").ok()
    return found


def statuses(found: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The identifier and the status of periods."""
    return ((one["id"], one["status"]) for one in found)


def announce_a_subscription(api: Client, at: Clock, customer: str) -> None:
    """The end of a trial, the first invoice and another price of a subscription are ahead, and its term renews."""
    began, price = at.now, new_price(api, {"code": "PLAN"})
    api.post(f"/prices/{price}/versions", {"valid_from": "2026-04-01", "amounts": {"EUR": {"unit_amount": "13.00"}}})
    body = subscription_json(customer_id=customer, start_date="2026-03-20", trial_end="2026-03-21")
    body |= {
        "renewal": {"mode": "renew"},
        "items": [{"price_id": price, "price_policy": "next_period"}],
        "term": {"unit": "month"},
    }
    api.post("/subscriptions", body).ok(201)
    for day in (20, 25):
        at.now = datetime(2026, 3, day, 12, tzinfo=UTC)
        assert strike("announce_upcoming_invoices", api.tenant_id) == []
    at.now = datetime(2026, 4, 22, 12, tzinfo=UTC)
    bill_hour(api)
    at.now = began


def confirm_a_cancellation(api: Client) -> None:
    """A confirmation is replaced before it is sent, SES defers the second one, and the third one bounces."""
    customer = api.post("/customers", customer_json(emails=["ende@suess.example"])).ok(201)["id"]
    path = f"/subscriptions/{api.post('/subscriptions', subscription_json(customer_id=customer)).ok(201)['id']}"

    def requested() -> dict[str, Any]:
        canceled = api.put(f"{path}/cancellation", {"at": "earliest", "confirm": True}).ok()["cancellation"]
        found = {one["data"]["details"]["mail_id"]: one for one in details("subscription.email_requested")}
        return found[canceled["confirmation"]["mail_id"]]

    replaced, deferred = requested(), requested()
    assert deliver("send_email", replaced) == []
    with pytest.MonkeyPatch.context() as full:
        full.setattr(client("sesv2"), "send_email", over_quota)
        assert deliver("send_email", deferred) == []
    last = requested()
    assert deliver("send_email", last) == []
    deliver_ses_event("Bounce", as_asked(last), "0", bounced=["ende@suess.example"], lasting="Transient")
