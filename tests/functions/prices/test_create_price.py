"""POST /products/{product_id}/prices"""

from typing import Any

import pytest

from invoicing.catalogue import table
from tests.builders import price_json, product_json
from tests.events import details
from tests.gateway import Client


@pytest.fixture
def prices(api: Client) -> str:
    """The path of the prices of a product."""
    return f"/products/{api.post('/products', product_json()).ok(201)['id']}/prices"


def test_a_price_starts_with_its_first_version(api: Client, prices: str) -> None:
    answer = api.post(prices, price_json(minimum={"EUR": "10.00"}, tax={"category": "S", "rate": "7"}))
    price = answer.ok(201)
    [version] = price["versions"]
    assert (version["number"], version["valid_from"], version["tax"]["rate"]) == (1, "2026-03-10", "7")
    assert version["amounts"]["EUR"]["unit_amount"] == "12.00"
    assert (price["timing"], price["default"], price["version"]) == ("advance", False, 1)
    assert answer.headers["Location"] == f"/v1/prices/{price['id']}"
    assert api.get(f"/prices/{price['id']}").ok() == price
    [event] = details("price.version_added")
    assert (event["resource"]["id"], event["data"]["details"]["number"]) == (price["id"], 1)
    assert event["data"]["details"]["valid_from"] == "2026-03-10"


def test_a_one_off_price_has_no_timing(api: Client, prices: str) -> None:
    assert api.post(prices, price_json(interval=None, model="flat")).ok(201)["timing"] is None
    assert api.post(prices, price_json(interval=None, timing="advance")).status == 400


def test_usage_cannot_be_charged_in_advance(api: Client, prices: str) -> None:
    usage = price_json(model="percentage", amounts={"EUR": {"percent": "1.2"}})
    assert api.post(prices, usage).ok(201)["timing"] == "arrears"
    refused = api.post(prices, {**usage, "timing": "advance"})
    assert (refused.status, refused.code) == (422, "USAGE_IN_ADVANCE")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"amounts": {}}, "/amounts"),
        ({"amounts": {"EUR": {"unit_amount": 12}}}, "/amounts/EUR/unit_amount"),
        ({"amounts": {"XXX": {"unit_amount": "1"}}}, "/amounts/XXX"),
        ({"amounts": {"EUR": {"percent": "1"}}}, "/amounts/EUR/unit_amount"),
        ({"minimum": {"USD": "1.00"}}, "/minimum/USD"),
        ({"minimum": {"EUR": "1.000"}}, "/minimum/EUR"),
        ({"model": "volume", "amounts": {"EUR": {"tiers": [{"up_to": "5", "unit_amount": "1"}]}}}, "/amounts/EUR"),
        ({"default": True, "archived_at": "2026-03-10T12:00:00Z"}, "/default"),
        ({"archived_at": "2026-03-11T12:00:00Z"}, "/archived_at"),
        ({"metric_id": "met_1"}, "/metric_id"),
    ],
)
def test_amounts_that_do_not_fit_are_refused(api: Client, prices: str, fields: dict[str, Any], pointer: str) -> None:
    refused = api.post(prices, price_json(**fields))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)
    assert not details("price.version_added")


def test_an_archived_product_gets_no_new_price(api: Client, prices: str) -> None:
    api.patch(prices.removesuffix("/prices"), {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    assert api.post(prices, price_json()).code == "PRODUCT_ARCHIVED"


def test_a_product_has_a_bounded_number_of_prices(api: Client, prices: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_PRICES", 1)
    api.post(prices, price_json()).ok(201)
    assert api.post(prices, price_json()).status == 400
