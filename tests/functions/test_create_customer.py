"""POST /customers."""

from collections.abc import Callable

import pytest

from invoicing.domain.identity import Role
from tests.aws import AwsCalls
from tests.builders import customer_json
from tests.gateway import Client


def test_a_customer_is_entered_as_given(api: Client, aws: AwsCalls) -> None:
    with aws.only("create_customer") as calls:
        customer = api.post("/customers", customer_json(external_id="K-7")).ok(201)
    assert (
        customer_json(external_id="K-7").items()
        <= {
            **customer,
            "address": {name: value for name, value in customer["address"].items() if value},
        }.items()
    )
    assert (customer["type"], customer["version"]) == ("company", 1)
    assert calls.names == {"dynamodb:TransactWriteItems": 1}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"emails": ["no address"]}, "/emails/0"),
        ({"emails": ["a@b.example\nBcc: x@y.example"]}, "/emails/0"),
        ({"address": {"country": "Germany"}}, "/address/country"),
        ({"type": "robot"}, "/type"),
        ({"payment_terms": {"days": -1}}, "/payment_terms/days"),
        ({"metadata": {"a": "x" * 501}}, "/metadata/a"),
        ({"id": "cus_1"}, "/id"),
    ],
)
def test_mistakes_are_pointed_at(api: Client, fields: dict[str, object], pointer: str) -> None:
    answer = api.post("/customers", customer_json(**fields))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_reading_is_not_writing(sign_in: Callable[..., Client]) -> None:
    answer = sign_in(Role.AUDITOR).post("/customers", customer_json())
    assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")
