"""Calls about items that skip HTTP (tests/moto_items.py) have the answers and errors of calls over HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from invoicing.store.keys import INDEXES, PARTITION, SORT
from tests import moto_items
from tests.aws import TABLE, account
from tests.aws_events import boto

INDEX, FIRST = next(iter(INDEXES.items()))


def key(sort: str, partition: str = "T#one") -> dict[str, Any]:
    return {PARTITION: {"S": partition}, SORT: {"S": sort}}


def item(sort: str, **attributes: Any) -> dict[str, Any]:
    return {**key(sort), FIRST.partition: {"S": "all"}, FIRST.sort: {"S": sort}, **attributes}


EVERY_TYPE: dict[str, Any] = {
    "text": {"S": "Süß"},
    "number": {"N": "12.50"},
    "bytes": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "list": {"L": [{"S": "a"}, {"L": [{"N": "1"}]}, {"B": b"\x03"}]},
    "map": {"M": {"B": {"S": "a"}, "inner": {"M": {"N": {"N": "1"}, "B": {"B": b"\x04"}}}}},
}
CONDITION = {
    "ConditionExpression": "attribute_exists(#k) AND #text = :text",
    "ExpressionAttributeNames": {"#k": PARTITION, "#text": "text"},
    "ExpressionAttributeValues": {":text": {"S": "never"}},
}
OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
UPDATE = {
    "UpdateExpression": "SET #n = if_not_exists(#n, :no) + :one REMOVE yes",
    "ExpressionAttributeNames": {"#n": "number"},
    "ExpressionAttributeValues": {":one": {"N": "1"}, ":no": {"N": "0"}},
}
OF_ONE: dict[str, Any] = {
    "KeyConditionExpression": f"{PARTITION} = :one AND begins_with({SORT}, :begin)",
    "ExpressionAttributeValues": {":one": {"S": "T#one"}, ":begin": {"S": "A"}},
}
OF_INDEX: dict[str, Any] = {
    "IndexName": INDEX,
    "KeyConditionExpression": f"{FIRST.partition} = :all",
    "ExpressionAttributeValues": {":all": {"S": "all"}},
}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"Item": item("A1", **EVERY_TYPE)}),
    ("put_item", {"Item": item("A1", **EVERY_TYPE), "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL"}),
    ("put_item", {"Item": item("A1"), "ConditionExpression": f"attribute_not_exists({PARTITION})"}),
    ("put_item", {"Item": item("A1"), **CONDITION, **OLD}),
    ("put_item", {"Item": item("A2", large={"S": "x" * 405_000})}),
    ("put_item", {"Item": {PARTITION: {"S": "T#one"}}}),
    ("put_item", {"Item": item("A2", number={"N": "none"})}),
    ("get_item", {"Key": key("A1"), "ConsistentRead": True}),
    ("get_item", {"Key": key("A1"), "ProjectionExpression": "#m, bytes", "ExpressionAttributeNames": {"#m": "map"}}),
    ("get_item", {"Key": key("none")}),
    ("update_item", {"Key": key("A1"), **UPDATE, "ReturnValues": "ALL_NEW"}),
    ("update_item", {"Key": key("A1"), **UPDATE, "ReturnValues": "UPDATED_OLD"}),
    ("update_item", {"Key": key("A3"), **UPDATE}),
    ("update_item", {"Key": key("A1"), "UpdateExpression": "SET", **OLD}),
    ("transact_write_items", {"TransactItems": [{"Put": {"Item": item(f"A{n}", **EVERY_TYPE)}} for n in range(4, 9)]}),
    (
        "transact_write_items",
        {"TransactItems": [{"Put": {"Item": item("A9")}}, {"Update": {"Key": key("A1"), **UPDATE}}]},
    ),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": {"Item": item("never")}},
                {"Update": {"Key": key("A1"), **UPDATE}},
                {"ConditionCheck": {"Key": key("A4"), **CONDITION, **OLD}},
                {"Delete": {"Key": key("A5")}},
            ]
        },
    ),
    ("transact_write_items", {"TransactItems": [{"Put": {"Item": item("B")}}, {"Delete": {"Key": key("B")}}]}),
    ("query", {**OF_ONE, "Limit": 2}),
    ("query", {**OF_ONE, "Limit": 2, "ExclusiveStartKey": key("A3"), "ScanIndexForward": False}),
    ("query", {**OF_ONE, "Select": "COUNT", "ReturnConsumedCapacity": "INDEXES"}),
    ("query", {**OF_ONE, "FilterExpression": "attribute_exists(bytes)", "ProjectionExpression": "bytes, texts"}),
    ("query", {**OF_INDEX, "Limit": 3, "ReturnConsumedCapacity": "TOTAL"}),
    ("query", {**OF_INDEX, "IndexName": "none"}),
    ("query", {**OF_ONE, "KeyConditionExpression": f"{SORT} = :one"}),
    ("batch_get_item", {"Keys": [key("A1"), key("none"), key("A4")]}),
    ("batch_get_item", {"Keys": [key("A1"), key("A1")]}),
    ("delete_item", {"Key": key("A4"), **CONDITION, **OLD}),
    ("delete_item", {"Key": key("A4"), "ReturnValues": "ALL_OLD"}),
    ("delete_item", {"Key": key("A4")}),
    ("scan", {"Limit": 3}),
    ("scan", {}),
]


def params_of(operation: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    if operation == "batch_get_item":
        return {"RequestItems": {TABLE: stated}}
    if operation == "transact_write_items":
        return {
            "TransactItems": [
                {kind: {"TableName": TABLE, **write} for kind, write in one.items()} for one in stated["TransactItems"]
            ]
        }
    return {"TableName": TABLE, **stated}


def answers() -> Iterator[tuple[str, Any]]:
    with account():
        for operation, stated in CALLS:
            try:
                answer = getattr(boto("dynamodb"), operation)(**params_of(operation, stated))
            except ClientError as error:
                answer = {**error.response, "class": type(error).__name__}
            status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
            yield operation, (status, answer)


def test_answers_and_errors_are_those_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = [*answers()]
    monkeypatch.setattr(moto_items, "_METHODS", {})
    over_http = [*answers()]
    assert direct == over_http
    refused = sum(status != 200 for _, (status, _) in direct)
    assert (len(direct), refused) == (len(CALLS), 12)


def test_a_call_keeps_no_value_of_its_caller() -> None:
    with account():
        stated = item("A1", list={"L": [{"S": "a"}]})
        boto("dynamodb").put_item(TableName=TABLE, Item=stated)
        stated["list"]["L"].append({"S": "b"})
        read = boto("dynamodb").get_item(TableName=TABLE, Key=key("A1"))["Item"]
        read["list"]["L"].clear()
        assert boto("dynamodb").get_item(TableName=TABLE, Key=key("A1"))["Item"]["list"] == {"L": [{"S": "a"}]}
