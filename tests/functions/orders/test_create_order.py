"""POST /orders."""

from collections.abc import Callable

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.builders import customer_json, line_json, order_json
from tests.catalogue import TIERS, new_price
from tests.gateway import Client


@pytest.fixture
def customer(api: Client) -> str:
    """The customer of the order."""
    return str(api.post("/customers", customer_json(currency="CHF")).ok(201)["id"])


def test_an_order_has_the_same_totals_as_its_invoice(api: Client, customer: str, aws: AwsCalls) -> None:
    lines = [line_json(quantity=3, unit_price="9.99"), line_json(quantity=1, unit_price="4.95")]
    body = order_json(
        customer_id=customer,
        external_id="SO-1",
        lines=lines,
        price_tax_inclusive=True,
        discount={"percent": "10"},
        shipping={"amount": "4.90"},
    )
    with aws.only("create_order") as calls:
        order = api.post("/orders", body).ok(201)
    invoice = api.post("/invoices", {k: v for k, v in body.items() if k != "external_id"}).ok(201)
    sums = ("subtotal", "discount_amount", "shipping_cost", "tax", "total", "tax_breakdown")
    assert {name: order[name] for name in sums} == {name: invoice[name] for name in sums}
    assert [line["net"] for line in order["lines"]] == [line["net"] for line in invoice["lines"]]
    assert (order["status"], order["invoice_ids"], order["version"]) == ("open", [], 1)
    assert calls.names == {"dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_the_currency_defaults_to_that_of_the_customer(api: Client, customer: str) -> None:
    assert api.post("/orders", {"customer_id": customer, "lines": [line_json()]}).ok(201)["currency"] == "CHF"


def test_external_ids_of_orders_are_unique_among_orders(api: Client, customer: str) -> None:
    api.post("/customers", customer_json(external_id="SO-1")).ok(201)
    api.post("/orders", order_json(customer_id=customer, external_id="SO-1")).ok(201)
    again = api.post("/orders", order_json(customer_id=customer, external_id="SO-1"))
    assert (again.status, again.code) == (409, "DUPLICATE_EXTERNAL_ID")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"customer_id": None}, "/customer_id"),
        ({"status": "invoiced"}, "/status"),
        ({"invoice_ids": []}, "/invoice_ids"),
        ({"lines": [line_json(price_base_quantity="0")]}, "/lines/0/price_base_quantity"),
        ({"currency": "euro"}, "/currency"),
        ({"shipping": {"amount": "4.905"}}, "/shipping/amount"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(
    api: Client, customer: str, fields: dict[str, object], pointer: str
) -> None:
    answer = api.post("/orders", order_json(**{"customer_id": customer, **fields}))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_the_customer_of_an_order_must_exist(api: Client, stranger: Client) -> None:
    foreign = stranger.post("/customers", customer_json()).ok(201)["id"]
    answer = api.post("/orders", order_json(customer_id=foreign))
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (
        404,
        "CUSTOMER_NOT_FOUND",
        "/customer_id",
    )


def test_a_customer_with_an_order_cannot_be_deleted(api: Client, customer: str) -> None:
    order = api.post("/orders", order_json(customer_id=customer)).ok(201)["id"]
    assert api.delete(f"/customers/{customer}").code == "CUSTOMER_IN_USE"
    api.delete(f"/orders/{order}").ok(204)
    api.delete(f"/customers/{customer}").ok(204)


def test_a_thousand_lines_fit(api: Client, customer: str) -> None:
    lines = [line_json(name=f"Bohrer {n}", description="x" * 200) for n in range(1_000)]
    order = api.post("/orders", order_json(customer_id=customer, lines=lines)).ok(201)
    assert len(api.get(f"/orders/{order['id']}").ok()["lines"]) == 1_000


def test_members_cannot_create_orders(sign_in: Callable[..., Client], customer: str) -> None:
    answer = sign_in(Role.MEMBER).post("/orders", order_json(customer_id=customer))
    assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")


def test_a_line_with_a_price_is_filled_in(api: Client, customer: str) -> None:
    price = new_price(api, **TIERS)
    lines = [{"price_id": price, "quantity": "12"}, line_json()]
    order = api.post("/orders", order_json(customer_id=customer, currency="EUR", lines=lines)).ok(201)
    facts = [(line["price_id"], line["price_tier"], line["net"]) for line in order["lines"]]
    assert facts == [(price, 1, "100.00"), (price, 2, "16.00"), (None, None, "100.00")]
    assert api.get(f"/orders/{order['id']}").ok() == order
