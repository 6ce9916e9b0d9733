"""PATCH /prices/{price_id}"""

import pytest

from tests.builders import price_json, product_json
from tests.events import details
from tests.gateway import Client


@pytest.fixture
def product(api: Client) -> str:
    """The path of a product."""
    return f"/products/{api.post('/products', product_json()).ok(201)['id']}"


def test_a_price_is_renamed_and_archived(api: Client, product: str) -> None:
    price = api.post(f"{product}/prices", price_json()).ok(201)
    change = {"name": "Per month", "archived_at": "2026-03-10T12:00:00Z"}
    changed = api.patch(f"/prices/{price['id']}", change).ok()
    assert (changed["name"], changed["archived_at"], changed["version"]) == ("Per month", "2026-03-10T12:00:00.000Z", 2)
    assert changed["versions"] == price["versions"]
    assert api.get(product).ok()["prices"][0]["name"] == "Per month"
    [event] = details("price.updated")
    assert set(event["data"]["changed"]) == {"archived_at", "name"}


def test_a_product_has_one_default_price(api: Client, product: str) -> None:
    one, other = (api.post(f"{product}/prices", price_json(name=name, default=True)).ok(201) for name in "AB")
    assert (one["default"], other["default"]) == (True, True)
    assert api.get(f"/prices/{one['id']}").ok()["default"] is False
    assert api.patch(f"/prices/{one['id']}", {"default": True}).ok()["default"] is True
    assert api.get(product).ok()["default_price_id"] == one["id"]
    api.patch(f"/prices/{one['id']}", {"default": False}).ok()
    assert api.get(product).ok()["default_price_id"] is None


def test_an_archived_price_is_no_default(api: Client, product: str) -> None:
    path = f"/prices/{api.post(f'{product}/prices', price_json(default=True)).ok(201)['id']}"
    archiving = {"archived_at": "2026-03-10T12:00:00Z"}
    assert api.patch(path, archiving).json["errors"][0]["pointer"] == "/default"
    api.patch(path, archiving | {"default": False}).ok()


@pytest.mark.parametrize("field", ["amounts", "model", "interval", "product_id", "versions"])
def test_nothing_that_decides_the_amount_changes(api: Client, product: str, field: str) -> None:
    price = api.post(f"{product}/prices", price_json()).ok(201)
    assert api.patch(f"/prices/{price['id']}", {field: price[field] if field != "amounts" else {}}).status == 400


def test_an_unknown_price_is_not_found(api: Client, stranger: Client, product: str) -> None:
    path = f"/prices/{api.post(f'{product}/prices', price_json()).ok(201)['id']}"
    assert stranger.patch(path, {"name": "x"}).code == "PRICE_NOT_FOUND"
