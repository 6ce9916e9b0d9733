"""Products and prices for tests."""

from typing import Any

from tests.builders import price_json, product_json
from tests.gateway import Client

TIERS: dict[str, Any] = {
    "model": "graduated",
    "amounts": {"EUR": {"tiers": [{"up_to": "10", "unit_amount": "10.00"}, {"unit_amount": "8.00"}]}},
}
"""The fields of a price of 10.00 for each of the first ten units, and 8.00 for each further one."""

PLANS: dict[str, Any] = {"product_families": [{"code": "plans", "name": "Plans"}]}
"""The fields of a tenant with one family of products."""


def new_price(api: Client, product: dict[str, Any] | None = None, **fields: Any) -> str:
    """The id of a new price, of a new product; 12.00 a month for each unit, unless fields are given."""
    sold = api.post("/products", product_json(**(product or {}))).ok(201)["id"]
    return str(api.post(f"/products/{sold}/prices", price_json(**fields)).ok(201)["id"])
