"""GET /reports/open-items"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.events.record_balance import handler
from invoicing.core.identity import Role
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client
from tests.world import issue


def record(api: Client) -> None:
    """Deliver all events so far."""
    for event in details(*handler.source.events):
        if event["tenant_id"] == api.tenant_id:
            assert deliver("record_balance", event) == []


def rows(api: Client, query: str = "") -> list[dict[str, Any]]:
    record(api)
    found: list[dict[str, Any]] = api.get(f"/reports/open-items?{query}").ok()["data"]
    return found


def test_amounts_due_are_shown_by_their_age(api: Client, at: Clock) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    for days in (100, 40, 30, 0):
        draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
        due = at.now.date() + timedelta(days=100 - days)
        api.post(f"/invoices/{draft}/finalize", {"due_date": f"{due}"}).ok()
    at.now += timedelta(days=100)
    [row] = rows(api)
    assert row["aging"] == {
        "not_overdue": "119.00", "days_1_30": "119.00", "days_31_60": "119.00", "days_61_90": "0.00",
        "over_90": "119.00",
    }  # fmt: skip
    assert (row["due"], row["count"], row["items"]) == ("476.00", 4, None)
    assert (row["customer_id"], row["customer_name"]) == (customer, "Bäckerei Süß & Söhne")


def test_a_customer_has_its_documents_behind_the_amounts(api: Client, issued: dict[str, Any], at: Clock) -> None:
    issue(api)
    at.now += timedelta(days=20)
    [row] = rows(api, f"customer_id={issued['customer_id']}")
    [item] = row["items"]
    assert item == {
        "invoice_id": issued["id"], "type": "invoice", "number": issued["number"], "issue_date": "2026-03-10",
        "due_date": "2026-03-24", "days_overdue": 6, "due": "119.00", "refund_due": "0.00", "dunning_level": 0,
    }  # fmt: skip


def test_a_past_date_shows_the_items_of_its_end(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(days=40)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    at.now += timedelta(days=40)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00"}).ok(201)
    assert rows(api) == []
    assert [row["due"] for row in rows(api, "as_of=2026-03-10")] == ["119.00"]
    assert [row["due"] for row in rows(api, "as_of=2026-04-18")] == ["119.00"]
    [row] = rows(api, "as_of=2026-04-19")
    assert (row["due"], row["last_payment"]["amount"], row["aging"]["days_1_30"]) == ("100.00", "19.00", "100.00")
    assert rows(api, "as_of=2026-03-09") == []


def test_the_last_payment_can_be_on_a_settled_document(api: Client, issued: dict[str, Any], at: Clock) -> None:
    def last(query: str = "") -> Any:
        [row] = rows(api, query)
        return row["last_payment"] and row["last_payment"]["amount"]

    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {}).ok()
    assert last() is None
    first = api.post(f"/invoices/{draft}/payments", {"amount": "100.00"}).ok(201)["id"]
    at.now += timedelta(days=1)
    rest = api.post(f"/invoices/{draft}/payments", {"amount": "19.00", "date": "2026-03-10"}).ok(201)["id"]
    assert (last(), last("as_of=2026-03-10")) == ("19.00", "100.00")
    at.now += timedelta(days=1)
    for id_ in (rest, first):
        api.delete(f"/invoices/{draft}/payments/{id_}").ok()
    assert (last(), last("as_of=2026-03-11"), last("as_of=2026-03-10")) == (None, "19.00", "100.00")


def test_credits_that_are_not_used_reduce_the_balance(api: Client, issued: dict[str, Any]) -> None:
    body = {"customer_id": issued["customer_id"], "amount": "-20.00", "description": "Gutschrift"}
    api.post("/invoices/adjustments", {**body, "tax": {"category": "S", "rate": "19"}}).ok(201)
    [row] = rows(api)
    assert (row["due"], row["refund_due"], row["balance"]) == ("119.00", "23.80", "95.20")


def test_currencies_are_never_added(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"], currency="CHF")).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {}).ok()
    assert sorted(row["currency"] for row in rows(api)) == ["CHF", "EUR"]
    assert [row["currency"] for row in rows(api, "currency=CHF")] == ["CHF"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("day", ["", "&as_of=2026-03-10"])
def test_pages_join_without_gaps_or_duplicates(api: Client, at: Clock, order: str, day: str) -> None:
    made = []
    for second in range(5):
        at.now = at.now.replace(second=second)
        made.append(issue(api)["customer_id"])
    at.now += timedelta(days=1)
    path = f"/reports/open-items?limit=2&order={order}{day}"
    record(api)
    page, seen = api.get(path).ok(), []
    seen += page["data"]
    while page["has_more"]:
        page = api.get(f"{path}&cursor={page['next_cursor']}").ok()
        seen += page["data"]
    assert [row["customer_id"] for row in seen] == (made if order == "asc" else made[::-1])


def test_a_future_date_is_refused(api: Client) -> None:
    answer = api.get("/reports/open-items?as_of=2026-03-11")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "?as_of")


@pytest.mark.parametrize("role", list(Role))
def test_bookkeepers_and_auditors_may_read_reports(sign_in: Callable[..., Client], role: Role) -> None:
    allowed = role in (Role.ADMIN, Role.BOOKKEEPER, Role.AUDITOR)
    assert sign_in(role).get("/reports/open-items").status == (200 if allowed else 403)
