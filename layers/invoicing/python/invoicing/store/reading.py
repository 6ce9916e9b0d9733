"""Reading items as they are now: one, several, or a stretch of a partition."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from invoicing import config
from invoicing.aws.clients import client
from invoicing.core.clock import rest
from invoicing.store.keys import Item, Key

_KEYS_A_CALL = 100


def item_at(key: Key) -> Item | None:
    """One item as it is now, if it is there."""
    answer = client("dynamodb").get_item(
        TableName=config.setting("TABLE_NAME"),
        Key=key.address,
        ConsistentRead=True,
    )
    return dict(answer["Item"]) if "Item" in answer else None


def items_at(wanted: Sequence[Key]) -> dict[Key, Item]:
    """Those of several items that are there."""
    found: dict[Key, Item] = {}
    for some in batched(wanted, _KEYS_A_CALL, strict=False):
        found |= _items_at(some)
    return found


def _items_at(wanted: Sequence[Key]) -> dict[Key, Item]:
    table = config.setting("TABLE_NAME")
    asked: Any = {table: {"Keys": [key.address for key in wanted], "ConsistentRead": True}}
    found: dict[Key, Item] = {}
    longest = 0.05
    while True:
        answer = client("dynamodb").batch_get_item(RequestItems=asked)
        for item in answer["Responses"].get(table, ()):
            found[Key.of(item)] = dict(item)
        # Throttled items are left for another time. An answer without a single one would be a refusal: this ends.
        if not (asked := answer.get("UnprocessedKeys")):
            return found
        rest(longest)
        longest = min(0.8, longest * 2)


def items_beginning(key: Key, prefix: str) -> list[Item]:
    """All items of a partition whose sort key begins so, in its order."""
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "KeyConditionExpression": "PK = :partition AND begins_with(SK, :prefix)",
        "ExpressionAttributeValues": {":partition": {"S": key.partition}, ":prefix": {"S": prefix}},
        "ConsistentRead": True,
    }
    return list(items_of(asked))


def items_of(asked: Mapping[str, Any]) -> Iterator[Item]:
    """All items that a query finds."""
    return (item for answer in pages_of(asked) for item in answer["Items"])


def pages_of(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The answers of a query, each from where the one before it ended."""
    start: dict[str, Any] = {}
    while True:
        answer: dict[str, Any] = {**client("dynamodb").query(**asked, **start)}
        yield answer
        if not (last := answer.get("LastEvaluatedKey")):
            return
        start = {"ExclusiveStartKey": last}
