"""GET /prices/{price_id}"""

from tests.builders import price_json, product_json
from tests.gateway import Client


def test_a_price_shows_all_its_versions(api: Client) -> None:
    product = api.post("/products", product_json()).ok(201)["id"]
    path = f"/prices/{api.post(f'/products/{product}/prices', price_json()).ok(201)['id']}"
    for day, amount in (("2026-04-01", "13.00"), ("2026-05-01", "14.00")):
        api.post(f"{path}/versions", {"valid_from": day, "amounts": {"EUR": {"unit_amount": amount}}}).ok()
    answer = api.get(path)
    shown = [(one["number"], one["amounts"]["EUR"]["unit_amount"]) for one in answer.ok()["versions"]]
    assert shown == [(1, "12.00"), (2, "13.00"), (3, "14.00")]
    assert answer.headers["ETag"] == '"3"'
