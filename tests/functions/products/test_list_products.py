"""GET /products"""

from tests.builders import product_json
from tests.catalogue import PLANS
from tests.gateway import Client


def test_products_are_found_by_code_family_and_archiving(api: Client) -> None:
    api.patch("/tenant", PLANS).ok()
    plan = api.post("/products", product_json(code="PLAN", family="plans")).ok(201)["id"]
    seat = api.post("/products", product_json()).ok(201)["id"]
    api.patch(f"/products/{plan}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()

    def found(query: str) -> list[str]:
        return sorted(product["id"] for product in api.get(f"/products{query}").ok()["data"])

    assert found("") == sorted([seat, plan])
    assert found("?code=SEAT") == [seat]
    assert found("?code=NONE") == []
    assert found("?code=PLAN&archived=false") == []
    assert found("?family=plans") == [plan]
    assert found("?archived=true") == [plan]
    assert found("?archived=false") == [seat]
