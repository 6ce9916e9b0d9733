"""DELETE /orders/{order_id}."""

from collections.abc import Callable
from typing import Any

from tests.builders import order_json
from tests.gateway import Client


def test_a_deleted_order_releases_its_external_id(
    api: Client, order: dict[str, Any], stored_text: Callable[[], str]
) -> None:
    api.patch(f"/orders/{order['id']}", {"external_id": "SO-1", "note": "ein seltenes Wort"}).ok()
    api.delete(f"/orders/{order['id']}").ok(204)
    assert api.get(f"/orders/{order['id']}").code == "ORDER_NOT_FOUND"
    assert api.get("/orders").ok()["data"] == []
    assert "ein seltenes Wort" not in stored_text()
    api.post("/orders", order_json(customer_id=order["customer_id"], external_id="SO-1")).ok(201)


def test_an_invoiced_order_stays_until_its_draft_is_deleted(api: Client, order: dict[str, Any]) -> None:
    draft = api.post(f"/orders/{order['id']}/invoices").ok(201)["id"]
    answer = api.delete(f"/orders/{order['id']}")
    assert (answer.status, answer.code, answer.json["allowed_actions"]) == (409, "INVALID_STATE", [])
    api.delete(f"/invoices/{draft}").ok(204)
    api.delete(f"/orders/{order['id']}").ok(204)
