"""PATCH /subscriptions/{subscription_id}."""

from datetime import UTC, datetime

import pytest

from tests.builders import customer_json, item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, subscribe


def test_settings_apply_to_later_invoices(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    changes = {"purchase_order_id": "PO-7", "texts": {"title": "Wartung {period.month} {period.year}"}, "hour": 8}
    after = api.patch(f"/subscriptions/{made['id']}", changes).ok()
    assert (after["hour"], after["texts"]["title"], after["version"]) == (8, "Wartung {period.month} {period.year}", 3)
    bill_at(api, at, "2026-04-10T05:59", made)
    assert len(invoices(api, made)) == 1
    bill_at(api, at, "2026-04-10T06:00", made)
    first, second = invoices(api, made)
    assert (first["purchase_order_id"], first["title"]) == (None, None)
    assert (second["purchase_order_id"], second["title"]) == ("PO-7", "Wartung April 2026")


@pytest.mark.parametrize("field", ["items", "currency", "start_date", "anchor", "customer_id"])
def test_items_dates_and_currency_do_not_change(api: Client, field: str) -> None:
    made = subscribe(api)
    answer = api.patch(f"/subscriptions/{made['id']}", {field: made[field]})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"/{field}")


def test_the_last_invoice_can_be_announced(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    after = api.patch(f"/subscriptions/{made['id']}", {"occurrences": {"max": 1}}).ok()
    assert (after["ends_on"], after["tracks"][0]["next"], after["status"]) == ("2026-04-09", None, "active")
    bill_at(api, at, "2026-04-10T06:00", made)
    assert now_of(api, made)["status"] == "ended"
    refused = api.patch(f"/subscriptions/{made['id']}", {"hour": 9})
    assert (refused.status, refused.code) == (409, "INVALID_STATE")


def test_an_update_at_midnight_announces_the_status(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-04-01")
    at.now = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    assert api.patch(f"/subscriptions/{made['id']}", {"hour": 9}).ok()["status"] == "active"
    assert len(details("subscription.activated")) == 1


def test_the_last_invoice_announced_late_ends_it(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    at.now = datetime(2026, 4, 10, 1, tzinfo=UTC)
    assert api.patch(f"/subscriptions/{made['id']}", {"occurrences": {"max": 1}}).ok()["status"] == "ended"
    assert len(details("subscription.ended")) == 1


def test_several_tracks_have_no_number_of_invoices(api: Client) -> None:
    made = subscribe(api, items=[item_json("Wartung", "49.00"), item_json("Strom", "5.00", timing="arrears")])
    refused = api.patch(f"/subscriptions/{made['id']}", {"occurrences": {"max": 3}})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/occurrences/max")


def test_only_a_new_action_requires_an_address(api: Client) -> None:
    made = subscribe(api, action="send")
    api.patch(f"/customers/{made['customer_id']}", {"emails": []}).ok()
    assert api.patch(f"/subscriptions/{made['id']}", {"metadata": {"key": "1"}}).ok()["action"] == "send"


def test_mails_require_an_address(api: Client) -> None:
    silent = api.post("/customers", customer_json(emails=[])).ok(201)["id"]
    made = subscribe(api, customer_id=silent)
    assert api.patch(f"/subscriptions/{made['id']}", {"action": "send"}).code == "NO_RECIPIENT"
