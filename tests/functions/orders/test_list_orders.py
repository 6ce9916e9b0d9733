"""GET /orders."""

import pytest

from tests.builders import customer_json, order_json
from tests.conftest import Clock
from tests.gateway import Client


@pytest.fixture
def orders(api: Client, stranger: Client, at: Clock) -> dict[str, str]:
    """Two orders of one customer and one of another, by their external ids."""
    other = stranger.post("/customers", customer_json()).ok(201)["id"]
    stranger.post("/orders", order_json(customer_id=other, external_id="a")).ok(201)
    ada, bob = (api.post("/customers", customer_json()).ok(201)["id"] for _ in range(2))
    made = {}
    for minute, (name, customer, fields) in enumerate(
        [("a", ada, {}), ("b", ada, {"purchase_order_id": "PO-7"}), ("c", bob, {"currency": "CHF"})]
    ):
        at.now = at.now.replace(minute=minute)
        made[name] = api.post("/orders", order_json(customer_id=customer, external_id=name, **fields)).ok(201)["id"]
    api.post(f"/orders/{made['a']}/invoices").ok(201)
    return {**made, "ada": ada}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "cba"),
        ("order=asc", "abc"),
        ("status=open", "cb"),
        ("status=invoiced", "a"),
        ("status=canceled", ""),
        ("customer_id={ada}", "ba"),
        ("customer_id={ada}&status=open", "b"),
        ("external_id=b", "b"),
        ("external_id=b&currency=CHF", ""),
        ("external_id=unknown", ""),
        ("purchase_order_id=PO-7", "b"),
        ("currency=CHF", "c"),
        ("created_from=2026-03-10T12:01:00Z&created_to=2026-03-10T12:01:59Z", "b"),
        ("updated_since=2026-03-10T12:02:00Z", "ca"),
    ],
)
def test_orders_are_listed_newest_first_and_filtered(
    api: Client, orders: dict[str, str], query: str, found: str
) -> None:
    listed = api.get(f"/orders?{query.format(**orders)}").ok()["data"]
    assert "".join(one["external_id"] for one in listed) == found


def test_entries_are_summaries_in_pages(api: Client, orders: dict[str, str]) -> None:
    first = api.get("/orders?limit=2").ok()
    second = api.get(f"/orders?limit=2&cursor={first['next_cursor']}").ok()
    assert [one["id"] for one in (*first["data"], *second["data"])] == [orders[name] for name in "cba"]
    assert not any("lines" in one for one in first["data"])
