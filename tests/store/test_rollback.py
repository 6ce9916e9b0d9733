"""A failed transaction of the simulated table changes nothing, on which our tests rely."""

from typing import Any

import pytest

from invoicing.store.keys import PARTITION, SORT
from tests.aws import TABLE, AwsCalls
from tests.aws_events import boto


def _key(name: str) -> dict[str, Any]:
    return {PARTITION: {"S": "p"}, SORT: {"S": name}}


def _all() -> list[dict[str, Any]]:
    return sorted(boto("dynamodb").scan(TableName=TABLE)["Items"], key=lambda item: str(item[SORT]["S"]))


@pytest.mark.parametrize("fails", [True, False])
def test_a_transaction_is_done_whole_or_not_at_all(aws: AwsCalls, fails: bool) -> None:
    dynamodb = boto("dynamodb")
    for name in ("changed", "deleted", "replaced"):
        dynamodb.put_item(TableName=TABLE, Item=_key(name) | {"n": {"N": "1"}})
    before = _all()
    more = {"UpdateExpression": "ADD n :more", "ExpressionAttributeValues": {":more": {"N": "1"}}}
    writes: list[Any] = [
        {"Update": {"TableName": TABLE, "Key": _key("changed"), **more}},
        {"Update": {"TableName": TABLE, "Key": _key("made"), **more}},
        {"Delete": {"TableName": TABLE, "Key": _key("deleted")}},
        {"Put": {"TableName": TABLE, "Item": _key("new")}},
        {"Put": {"TableName": TABLE, "Item": _key("replaced")}},
        {
            "ConditionCheck": {
                "TableName": TABLE,
                "Key": _key("none"),
                "ConditionExpression": f"attribute_{'' if fails else 'not_'}exists({PARTITION})",
            }
        },
    ]
    if fails:
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
            dynamodb.transact_write_items(TransactItems=writes)
        assert _all() == before
    else:
        dynamodb.transact_write_items(TransactItems=writes)
        expected = [("changed", {"N": "2"}), ("made", {"N": "1"}), ("new", None), ("replaced", None)]
        assert [(item[SORT]["S"], item.get("n")) for item in _all()] == expected
