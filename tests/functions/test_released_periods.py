"""Deleting, canceling, correcting and reactivating an invoice changes the periods that it bills."""

from typing import Any

import pytest

from tests.builders import item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, periods, subscribe


@pytest.fixture
def billed(api: Client) -> dict[str, Any]:
    """A subscription with an issued invoice."""
    made = subscribe(api, action="finalize")
    bill(api, made)
    return made


def state(api: Client, subscription: dict[str, Any]) -> tuple[str, str | None]:
    [period] = periods(api, subscription)
    return period["status"], period["invoice_id"]


def test_a_cancellation_releases_and_a_reactivation_bills(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    assert state(api, billed) == ("released", None)
    [event] = details("subscription.period_released")
    assert event["data"]["details"] == {"periods": ["1m-advance.2026-03-10"], "invoice_id": invoice["id"]}
    api.post(f"/invoices/{invoice['id']}/reactivate").ok()
    assert state(api, billed) == ("billed", invoice["id"])


def test_no_clock_bills_a_released_period(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    bill(api, billed)
    assert [one["type"] for one in invoices(api, billed)] == ["invoice", "cancellation"]


def test_a_rebilled_period_prevents_a_reactivation(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    path = f"/subscriptions/{billed['id']}/periods/1m-advance.2026-03-10"
    again = api.post(path, {"action": "bill"}).ok()["invoice_id"]
    refused = api.post(f"/invoices/{invoice['id']}/reactivate")
    assert (refused.status, refused.code) == (409, "ALREADY_REBILLED")
    assert state(api, billed) == ("billed", again)


def test_a_correction_bills_the_period(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    correction = api.post(f"/invoices/{invoice['id']}/correct").ok(201)
    assert state(api, billed) == ("draft", correction["id"])
    assert correction["subscription_ids"] == [billed["id"]]
    [period] = api.get(f"/invoices/{correction['id']}/billing").ok()["periods"]
    lines = [(one["id"], one["net"], one["total"]) for one in correction["lines"]]
    assert [(one["line_id"], one["net"], one["total"]) for one in period["items"]] == lines
    api.delete(f"/invoices/{correction['id']}").ok(204)
    assert state(api, billed) == ("released", None)


def test_a_duplicate_bills_no_period(api: Client, billed: dict[str, Any]) -> None:
    [invoice] = invoices(api, billed)
    copy = api.post(f"/invoices/{invoice['id']}/duplicate").ok(201)
    assert copy["subscription_ids"] == []
    api.delete(f"/invoices/{copy['id']}").ok(204)
    assert state(api, billed) == ("billed", invoice["id"])


@pytest.mark.parametrize("canceled_when", ["billed", "rebilled"])
def test_a_period_billed_again_has_the_days_of_one_bill(api: Client, at: Clock, canceled_when: str) -> None:
    """The days up to the end and those after it are billed once each, whichever bill was canceled meanwhile."""
    made = subscribe(api, items=[item_json("Wartung", "31.00")])
    end = f"/subscriptions/{made['id']}/cancellation"
    again = f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10"
    if canceled_when == "billed":
        api.put(end, {"at": "date", "on": "2026-03-20"}).ok()
    bill(api, made)
    api.delete(f"/invoices/{invoices(api, made)[0]['id']}").ok(204)
    if canceled_when == "rebilled":
        api.put(end, {"at": "date", "on": "2026-03-20"}).ok()
        api.post(again, {"action": "bill"}).ok()
    api.delete(end).ok()
    if canceled_when == "billed":
        api.post(again, {"action": "bill"}).ok()
    bill_at(api, at, "2026-03-21T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["11.00", "20.00"]
