"""PATCH /orders/{order_id}."""

from typing import Any

import pytest

from tests.builders import customer_json, line_json, order_json
from tests.catalogue import TIERS, new_price
from tests.gateway import Client


def test_a_patch_changes_the_given_fields_and_the_totals(api: Client, order: dict[str, Any]) -> None:
    path = f"/orders/{order['id']}"
    kept = {"id": order["lines"][0]["id"], **line_json(quantity="4")}
    changed = api.patch(path, {"lines": [kept, line_json()], "note": "eilig"}).ok()
    assert (changed["total"], changed["note"], changed["version"]) == ("357.00", "eilig", 2)
    assert changed["lines"][0]["id"] == order["lines"][0]["id"] != changed["lines"][1]["id"]
    assert api.get(path).ok() == changed


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"lines": None}, "/lines"),
        ({"customer_id": None}, "/customer_id"),
        ({"lines": [{"id": "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN", **line_json()}]}, "/lines/0/id"),
        ({"status": "canceled"}, "/status"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(api: Client, order: dict[str, Any], patch: Any, pointer: str) -> None:
    answer = api.patch(f"/orders/{order['id']}", patch)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_two_lines_cannot_share_an_id(api: Client, order: dict[str, Any]) -> None:
    kept = {"id": order["lines"][0]["id"], **line_json()}
    answer = api.patch(f"/orders/{order['id']}", {"lines": [kept, kept]})
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (400, ["/lines/1/id"])
    assert api.get(f"/orders/{order['id']}").ok() == order


def test_the_customer_of_an_order_can_be_changed(api: Client, order: dict[str, Any]) -> None:
    other = api.post("/customers", customer_json()).ok(201)["id"]
    api.patch(f"/orders/{order['id']}", {"customer_id": other}).ok()
    api.delete(f"/customers/{order['customer_id']}").ok(204)
    assert [one["id"] for one in api.get(f"/orders?customer_id={other}").ok()["data"]] == [order["id"]]


def test_an_invoiced_order_cannot_be_changed(api: Client, order: dict[str, Any]) -> None:
    api.post(f"/orders/{order['id']}/invoices").ok(201)
    answer = api.patch(f"/orders/{order['id']}", {"note": "x"})
    assert (answer.status, answer.code, answer.json["allowed_actions"]) == (409, "INVALID_STATE", [])


def test_an_external_id_is_released_and_claimed(api: Client, order: dict[str, Any]) -> None:
    api.patch(f"/orders/{order['id']}", {"external_id": "SO-1"}).ok()
    other = api.post("/orders", order_json(customer_id=order["customer_id"])).ok(201)["id"]
    assert api.patch(f"/orders/{other}", {"external_id": "SO-1"}).code == "DUPLICATE_EXTERNAL_ID"
    api.patch(f"/orders/{order['id']}", {"external_id": None}).ok()
    assert api.patch(f"/orders/{other}", {"external_id": "SO-1"}).ok()["external_id"] == "SO-1"


def test_a_stale_if_match_is_refused(api: Client, order: dict[str, Any]) -> None:
    answer = api.patch(f"/orders/{order['id']}", {"note": "x"}, headers={"If-Match": '"7"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")


def test_a_line_with_a_price_is_added_and_kept(api: Client, order: dict[str, Any]) -> None:
    price = new_price(api, **TIERS)
    path, kept = f"/orders/{order['id']}", {"id": order["lines"][0]["id"], **line_json()}
    changed = api.patch(path, {"lines": [{"price_id": price, "quantity": "12"}, kept]}).ok()
    assert [line["price_tier"] for line in changed["lines"]] == [1, 2, None]
    assert changed["lines"][2] == order["lines"][0]
    assert api.patch(path, {"note": "eilig"}).ok()["lines"] == changed["lines"]
    assert api.patch(path, {"currency": "USD"}).ok()["lines"][0]["price_id"] is None
