"""GET /customers."""

from tests.builders import customer_json
from tests.conftest import Clock
from tests.gateway import Client


def test_customers_are_listed_newest_first_and_filtered(api: Client, stranger: Client, at: Clock) -> None:
    assert api.user
    stranger.post("/customers", customer_json()).ok(201)
    first = api.post("/customers", customer_json(external_id="K1", owner_id=api.user.id)).ok(201)
    at.now = at.now.replace(minute=1)
    second = api.post("/customers", customer_json(type="person")).ok(201)

    def names(query: str) -> list[str]:
        return [one["id"] for one in api.get(f"/customers?{query}").ok()["data"]]

    assert names("") == [second["id"], first["id"]]
    assert names("external_id=K1") == names(f"owner_id={api.user.id}") == names("type=company") == [first["id"]]
    assert names("limit=1") == [second["id"]]
