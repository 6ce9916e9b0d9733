"""GET /orders/{order_id}."""

from typing import Any

from tests.aws import AwsCalls
from tests.gateway import Client


def test_an_order_is_shown_whole_in_one_call(api: Client, order: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("get_order") as calls:
        assert api.get(f"/orders/{order['id']}").ok() == order
    assert calls.names == {"dynamodb:Query": 1}


def test_an_order_of_another_tenant_is_not_found(api: Client, stranger: Client, order: dict[str, Any]) -> None:
    never = "ord_01JD8X2V6PZ3QK7M5T9WRC4HBN"
    foreign, missing = (stranger.get(f"/orders/{id_}") for id_ in (order["id"], never))
    assert (foreign.status, foreign.code) == (404, "ORDER_NOT_FOUND")
    assert {**foreign.json, "instance": ""} == {**missing.json, "instance": ""}
