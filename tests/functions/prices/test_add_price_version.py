"""POST /prices/{price_id}/versions"""

from typing import Any

import pytest

from tests.builders import price_json, product_json
from tests.events import details
from tests.gateway import Client

DEARER: dict[str, Any] = {"valid_from": "2026-04-01", "amounts": {"EUR": {"unit_amount": "13.00"}}}


@pytest.fixture
def price(api: Client) -> str:
    """The path of a price with a minimum charge."""
    product = api.post("/products", product_json()).ok(201)["id"]
    body = price_json(minimum={"EUR": "10.00"}, tax={"category": "S", "rate": "7"})
    return f"/prices/{api.post(f'/products/{product}/prices', body).ok(201)['id']}"


def test_a_version_leaves_the_earlier_ones_as_they_are(api: Client, price: str) -> None:
    first = api.get(price).ok()["versions"][0]
    changed = api.post(f"{price}/versions", DEARER).ok()
    assert changed["versions"][0] == first
    added = changed["versions"][1]
    assert (added["number"], added["valid_from"], added["minimum"]) == (2, "2026-04-01", {"EUR": "10.00"})
    assert added["tax"]["rate"] == "7"
    assert api.get(price).ok() == changed
    assert {event["data"]["details"]["number"] for event in details("price.version_added")} == {1, 2}


def test_a_version_can_change_the_tax_or_the_minimum_alone(api: Client, price: str) -> None:
    api.post(f"{price}/versions", {"valid_from": "2026-04-01", "tax": None, "minimum": {}}).ok()
    [_, version] = api.get(price).ok()["versions"]
    assert (version["tax"], version["minimum"]) == (None, {})
    assert version["amounts"]["EUR"]["unit_amount"] == "12.00"


def test_a_dry_run_adds_nothing(api: Client, price: str) -> None:
    before = api.get(price).ok()
    shown = api.post(f"{price}/versions", {**DEARER, "dry_run": True}).ok()
    assert len(shown["versions"]) == 2
    assert api.get(price).ok() == before
    assert len(details("price.version_added")) == 1


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"valid_from": "2026-03-10"}, "VERSION_ORDER", "/valid_from"),
        ({"valid_from": "2026-03-09"}, "DATE_NOT_ALLOWED", "/valid_from"),
        ({"amounts": {"EUR": {"percent": "1"}}}, "VALIDATION_ERROR", "/amounts/EUR/unit_amount"),
        ({"amounts": {"USD": {"unit_amount": "1"}}}, "VALIDATION_ERROR", "/minimum/EUR"),
        ({"amounts": None}, "VALIDATION_ERROR", ""),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_version_that_cannot_follow_is_refused(
    api: Client, price: str, change: dict[str, Any], code: str, pointer: str, *, dry_run: bool
) -> None:
    refused = api.post(f"{price}/versions", {**DEARER, **change, "dry_run": dry_run})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == (code, pointer)


def test_versions_start_in_order(api: Client, price: str) -> None:
    api.post(f"{price}/versions", DEARER).ok()
    refused = api.post(f"{price}/versions", {**DEARER, "valid_from": "2026-03-31"})
    assert (refused.status, refused.code) == (422, "VERSION_ORDER")


def test_a_repeated_request_adds_one_version(api: Client, price: str) -> None:
    first, again = (api.post(f"{price}/versions", DEARER, headers={"Idempotency-Key": "v"}) for _ in range(2))
    assert first.ok() == again.ok()
    assert len(api.get(price).ok()["versions"]) == 2
