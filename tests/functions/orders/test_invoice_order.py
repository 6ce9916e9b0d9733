"""POST /orders/{order_id}/invoices: E20, E21."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from invoicing.core.model import Aggregate
from invoicing.orders.model import Order
from invoicing.store.store import Store
from tests.aws import AwsCalls
from tests.builders import line_json, order_json
from tests.catalogue import new_price
from tests.events import details
from tests.gateway import Client


def test_the_draft_has_all_lines_and_the_order_refers_to_it(api: Client, order: dict[str, Any], aws: AwsCalls) -> None:
    api.patch(f"/orders/{order['id']}", {"purchase_order_id": "PO-7", "shipping": {"amount": "4.90"}}).ok()
    with aws.only("invoice_order") as calls:
        answer = api.post(f"/orders/{order['id']}/invoices", {"note": "Vielen Dank"})
    draft = answer.ok(201)
    told = ("order_id", "customer_id", "purchase_order_id", "origin", "status", "note", "total")
    assert [draft[name] for name in told] == [
        order["id"], order["customer_id"], "PO-7", "order", "draft", "Vielen Dank", "124.83",
    ]  # fmt: skip
    [line], [ordered] = draft["lines"], order["lines"]
    assert (line["name"], line["net"], line["ordered_quantity"]) == ("Bohrfutter", "100.00", "2")
    assert line["id"] != ordered["id"]
    assert answer.headers["Location"] == f"/v1/invoices/{draft['id']}"
    billed = api.get(f"/orders/{order['id']}").ok()
    assert (billed["status"], billed["invoice_ids"], billed["version"]) == ("invoiced", [draft["id"]], 3)
    assert [one["id"] for one in api.get(f"/invoices?order_id={order['id']}").ok()["data"]] == [draft["id"]]
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}
    [event] = details("order.invoiced")
    assert (event["resource"]["id"], event["data"]["details"]) == (order["id"], {"invoice_id": draft["id"]})


def test_the_draft_has_the_packages_of_the_order(api: Client, order: dict[str, Any]) -> None:
    """E09, E20."""
    lines = [line_json(package_name="Werkzeug"), line_json()]
    api.patch(f"/orders/{order['id']}", {"lines": lines}).ok()
    draft = api.post(f"/orders/{order['id']}/invoices").ok(201)
    assert [line["package_name"] for line in draft["lines"]] == ["Werkzeug", None]


def test_an_order_is_invoiced_once(api: Client, order: dict[str, Any]) -> None:
    """E34: no duplicate billing."""
    api.post(f"/orders/{order['id']}/invoices").ok(201)
    answer = api.post(f"/orders/{order['id']}/invoices")
    assert (answer.status, answer.code, answer.json["allowed_actions"]) == (409, "ORDER_ALREADY_INVOICED", [])
    assert len(api.get("/invoices").ok()["data"]) == 1


def test_concurrent_requests_create_one_draft(
    api: Client, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Store.get

    def overtaken(store: Store, kind: type[Aggregate], *ids: str) -> Aggregate:
        found = read(store, kind, *ids)
        if kind is not Order:
            return found
        [order_id] = ids
        monkeypatch.setattr(Store, "get", read)
        api.post(f"/orders/{order_id}/invoices").ok(201)
        return found

    monkeypatch.setattr(Store, "get", overtaken)
    answer = api.post(f"/orders/{order['id']}/invoices")
    assert (answer.status, answer.code) == (409, "ORDER_ALREADY_INVOICED")
    assert len(api.get("/invoices").ok()["data"]) == 1


def test_a_deleted_draft_frees_the_order(api: Client, order: dict[str, Any]) -> None:
    first = api.post(f"/orders/{order['id']}/invoices").ok(201)["id"]
    api.delete(f"/invoices/{first}").ok(204)
    freed = api.get(f"/orders/{order['id']}").ok()
    assert (freed["status"], freed["invoice_ids"]) == ("open", [])
    assert details("order.freed")[0]["data"]["details"] == {"invoice_id": first}
    assert api.post(f"/orders/{order['id']}/invoices").ok(201)["id"] != first


def test_a_draft_cannot_leave_its_order(api: Client, order: dict[str, Any]) -> None:
    draft = api.post(f"/orders/{order['id']}/invoices").ok(201)["id"]
    for other in (None, "ord_01JD8X2V6PZ3QK7M5T9WRC4HBN"):
        answer = api.patch(f"/invoices/{draft}", {"order_id": other})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/order_id")
    assert api.patch(f"/invoices/{draft}", {"title": "Rechnung"}).ok()["order_id"] == order["id"]


def test_a_draft_that_only_refers_to_an_order_does_not_free_it(api: Client, order: dict[str, Any]) -> None:
    billing = api.post(f"/orders/{order['id']}/invoices").ok(201)["id"]
    other = api.post("/orders", order_json(customer_id=order["customer_id"])).ok(201)["id"]
    for named in (order["id"], other):
        draft = api.post("/invoices", {"order_id": named, "lines": [line_json()]}).ok(201)["id"]
        api.delete(f"/invoices/{draft}").ok(204)
    assert api.get(f"/orders/{order['id']}").ok()["invoice_ids"] == [billing]


def test_the_same_key_gives_the_same_draft(api: Client, order: dict[str, Any]) -> None:
    path, key = f"/orders/{order['id']}/invoices", {"Idempotency-Key": "o"}
    first, again = (api.post(path, headers=key) for _ in range(2))
    assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (201, first.text, "true")


def test_prices_including_tax_are_copied(api: Client, order: dict[str, Any]) -> None:
    body = order_json(customer_id=order["customer_id"], price_tax_inclusive=True, discount={"percent": "10"})
    gross = api.post("/orders", body).ok(201)
    draft = api.post(f"/orders/{gross['id']}/invoices").ok(201)
    assert (draft["price_tax_inclusive"], draft["total"], draft["discount"]["percent"]) == (True, "90.00", "10")


def test_allowances_and_charges_of_an_order_are_billed(api: Client, order: dict[str, Any]) -> None:
    line = line_json(allowances=[{"percent": "5"}], charges=[{"amount": "1.00"}], net="96.02")
    entries = {"allowances": [{"percent": "10", "reason": "Treue"}], "charges": [{"amount": "2.00"}]}
    entered = api.post("/orders", order_json(customer_id=order["customer_id"], lines=[line], **entries)).ok(201)
    draft = api.post(f"/orders/{entered['id']}/invoices").ok(201)
    assert (draft["subtotal"], draft["discount_amount"], draft["shipping_cost"]) == ("96.02", "9.60", "2.00")
    assert (entered["total"], draft["lines"][0]["net_given"]) == (draft["total"], True)


def test_a_member_can_invoice_it_and_see_the_draft(sign_in: Callable[..., Client], order: dict[str, Any]) -> None:
    member = sign_in(Role.MEMBER)
    draft = member.post(f"/orders/{order['id']}/invoices").ok(201)
    assert member.get(f"/invoices/{draft['id']}").ok() == draft


def test_the_draft_keeps_the_prices_of_the_order(api: Client, order: dict[str, Any]) -> None:
    price = new_price(api)
    api.patch(f"/orders/{order['id']}", {"lines": [{"price_id": price, "quantity": "2"}]}).ok()
    api.patch(f"/prices/{price}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    [line] = api.post(f"/orders/{order['id']}/invoices").ok(201)["lines"]
    assert (line["price_id"], line["price_version"], line["net"], line["ordered_quantity"]) == (price, 1, "24.00", "2")
