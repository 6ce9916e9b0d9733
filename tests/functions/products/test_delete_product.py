"""DELETE /products/{product_id}"""

from tests.builders import price_json, product_json
from tests.events import details
from tests.gateway import Client


def test_a_deleted_product_does_not_exist(api: Client) -> None:
    path = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    api.delete(path).ok(204)
    assert api.get(path).code == "PRODUCT_NOT_FOUND"
    assert api.post(f"{path}/prices", price_json()).code == "PRODUCT_NOT_FOUND"
    assert len(details("product.deleted")) == 1
    api.post("/products", product_json()).ok(201)


def test_a_product_with_a_price_stays(api: Client) -> None:
    path = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    price = api.post(f"{path}/prices", price_json()).ok(201)["id"]
    api.patch(f"/prices/{price}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    refused = api.delete(path)
    assert (refused.status, refused.code) == (409, "PRODUCT_IN_USE")
    assert api.get(f"/prices/{price}").ok()["product_id"] in path
