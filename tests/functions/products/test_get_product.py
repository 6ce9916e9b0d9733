"""GET /products/{product_id}"""

from tests.builders import price_json, product_json
from tests.gateway import Client


def test_a_product_shows_its_prices_and_the_default(api: Client) -> None:
    path = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    monthly = api.post(f"{path}/prices", price_json(default=True)).ok(201)
    yearly = api.post(f"{path}/prices", price_json(name="Yearly", interval={"unit": "year"})).ok(201)
    product = api.get(path).ok()
    assert product["default_price_id"] == monthly["id"]
    shown = {(price["id"], price["name"], price["default"]) for price in product["prices"]}
    assert shown == {(monthly["id"], "Monthly", True), (yearly["id"], "Yearly", False)}
    assert "versions" not in product["prices"][0]


def test_the_prices_of_other_products_are_not_shown(api: Client) -> None:
    one, other = (api.post("/products", product_json(code=code)).ok(201)["id"] for code in ("A", "B"))
    api.post(f"/products/{other}/prices", price_json()).ok(201)
    assert api.get(f"/products/{one}").ok()["prices"] == []
