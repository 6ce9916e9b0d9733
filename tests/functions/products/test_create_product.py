"""POST /products"""

from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import product_json
from tests.catalogue import PLANS
from tests.events import details
from tests.gateway import Client


def test_a_product_is_stored_as_given(api: Client, aws: AwsCalls) -> None:
    api.patch("/tenant", PLANS).ok()
    body = product_json(
        description={"en": "One user"}, unit="HUR", accounting_code="8400", family="plans", rank=2, metadata={"a": "b"}
    )
    with aws.only("create_product") as calls:
        answer = api.post("/products", body)
    product = answer.ok(201)
    assert product["name"] == body["name"]
    assert (product["unit"], product["family"], product["rank"], product["tax"]["rate"]) == ("HUR", "plans", 2, "19")
    assert answer.headers["Location"] == f"/v1/products/{product['id']}"
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:TransactWriteItems": 1}
    [event] = details("product.created")
    assert (event["resource"]["id"], event["data"]["object"]["code"]) == (product["id"], "SEAT")


def test_a_code_belongs_to_one_product(api: Client, stranger: Client) -> None:
    api.post("/products", product_json()).ok(201)
    refused = api.post("/products", product_json())
    assert (refused.status, refused.code) == (409, "PRODUCT_CODE_TAKEN")
    assert refused.json["errors"][0]["pointer"] == "/code"
    stranger.post("/products", product_json()).ok(201)


def test_a_repeated_request_creates_one_product(api: Client) -> None:
    first, again = (api.post("/products", product_json(), headers={"Idempotency-Key": "p"}) for _ in range(2))
    assert first.ok(201) == again.ok(201)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": {}}, "/name"),
        ({"name": {"xx": "Seat"}}, "/name/xx"),
        ({"name": {"en": "x" * 121}}, "/name/en"),
        ({"code": "a b"}, "/code"),
        ({"unit": "hours"}, "/unit"),
        ({"rank": 1}, "/rank"),
    ],
)
def test_a_mistake_is_refused_with_a_pointer(api: Client, fields: dict[str, Any], pointer: str) -> None:
    refused = api.post("/products", product_json(**fields))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)


def test_a_family_is_one_of_the_tenants(api: Client) -> None:
    refused = api.post("/products", product_json(family="plans"))
    assert (refused.status, refused.code) == (422, "REFERENCE_NOT_FOUND")
    assert refused.json["errors"][0]["pointer"] == "/family"
