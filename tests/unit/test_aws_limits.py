"""The check of AWS limits, which applies to every call of the suite, finds violations."""

from typing import Any

import pytest

from tests.aws_limits import ANSWER_BYTES, KB, MB, exceeded, require_answerable

KEY = {"PK": {"S": "a"}, "SK": {"S": "b"}}


def put(length: int) -> dict[str, Any]:
    return {"Item": {**KEY, "part": {"B": b"x" * length}}}


def values(count: int) -> str:
    return f"#f IN ({', '.join(f':v{number}' for number in range(count))})"


def mail(length: int) -> dict[str, Any]:
    return {"Content": {"Simple": {"Body": {}, "Attachments": [{"RawContent": b"x" * length}]}}}


def event(length: int) -> dict[str, str]:
    return {"EventBusName": "b", "Source": "s", "DetailType": "t", "Detail": "x" * length}


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("dynamodb:PutItem", put(399 * KB)),
        ("dynamodb:TransactWriteItems", {"TransactItems": [{"Put": put(300 * KB)}] * 13}),
        ("dynamodb:TransactWriteItems", {"TransactItems": [{"Delete": {"Key": KEY}}] * 100}),
        ("dynamodb:Query", {"FilterExpression": f"{values(100)} AND {values(100)}"}),
        ("dynamodb:BatchGetItem", {"RequestItems": {"t": {"Keys": [KEY] * 100}}}),
        ("events:PutEvents", {"Entries": [event(25 * KB)] * 10}),
        ("sqs:SendMessage", {"MessageBody": "x" * 250 * KB}),
        ("s3:PutObject", {"Body": b"x" * 10 * MB}),
    ],
)
def test_values_within_the_limits_of_aws_are_accepted(name: str, params: Any) -> None:
    assert list(exceeded(name, params)) == []


@pytest.mark.parametrize(
    ("name", "params", "what"),
    [
        ("dynamodb:PutItem", put(400 * KB), "bytes of an item"),
        ("dynamodb:TransactWriteItems", {"TransactItems": [{"Put": put(300 * KB)}] * 14}, "bytes 4"),
        ("dynamodb:TransactWriteItems", {"TransactItems": [{"Put": put(401 * KB)}]}, "bytes of an item"),
        ("dynamodb:TransactWriteItems", {"TransactItems": [{"Delete": {"Key": KEY}}] * 101}, "writes 101 > 100"),
        ("dynamodb:Query", {"FilterExpression": f"{values(1)} AND {values(101)}"}, "operands of IN 101 > 100"),
        ("dynamodb:Query", {"FilterExpression": "x" * 4097}, "bytes of an expression"),
        ("dynamodb:BatchGetItem", {"RequestItems": {"t": {"Keys": [KEY] * 101}}}, "keys 101 > 100"),
        ("events:PutEvents", {"Entries": [event(1)] * 11}, "entries 11 > 10"),
        ("events:PutEvents", {"Entries": [event(26 * KB)] * 10}, "bytes"),
        ("sqs:SendMessage", {"MessageBody": "x" * 257 * KB}, "bytes"),
        (
            "ses:SendEmail",
            mail(31 * MB),
            "bytes",
        ),
    ],
)
def test_values_beyond_the_limits_of_aws_are_found(name: str, params: Any, what: str) -> None:
    [found] = exceeded(name, params)
    assert found.startswith(f"{name}: {what}")


def test_a_response_too_long_for_lambda_is_found() -> None:
    require_answerable({"body": "x" * (ANSWER_BYTES - 20)})
    with pytest.raises(AssertionError):
        require_answerable({"body": "x" * ANSWER_BYTES})
