"""GET /customers."""

import pytest

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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=SÜSS", ["a"]),
        ("name=ss", ["b", "a"]),
        ("email=Einkauf%40Suess.example", ["a"]),
        ("email=einkauf", []),
        ("tax_id=DE136695976", ["b"]),
        ("currency=CHF", ["b"]),
        ("type=person", ["b"]),
        ("archived=false", ["b", "a"]),
        ("created_from=2026-03-10T12:30:00Z", ["b"]),
        ("created_to=2026-03-10T12:30:00Z", ["a"]),
        ("updated_since=2026-03-10T12:30:00Z&name=ss", ["b"]),
        ("external_id=a&type=person", []),
    ],
)
def test_customers_are_found_by_their_fields(api: Client, at: Clock, query: str, found: list[str]) -> None:
    api.post("/customers", customer_json(external_id="a", tax_id=None)).ok(201)
    at.now = at.now.replace(hour=13)
    api.post(
        "/customers", customer_json(external_id="b", name="Ada Weiss", type="person", currency="CHF", emails=[])
    ).ok(201)
    assert [one["external_id"] for one in api.get(f"/customers?{query}").ok()["data"]] == found
