"""Consistent reads: one item, several, or a range of a partition."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from invoicing import config
from invoicing.aws.clients import client
from invoicing.core.clock import wait, windows
from invoicing.store.keys import Item, Key

KEYS_A_CALL = 100
"""The most items of one call of DynamoDB that reads several."""


def item_at(key: Key) -> Item | None:
    """The current state of an item; None if there is none."""
    response = client("dynamodb").get_item(
        TableName=config.setting("TABLE_NAME"),
        Key=key.address,
        ConsistentRead=True,
    )
    return dict(response["Item"]) if "Item" in response else None


def items_at(wanted: Sequence[Key]) -> dict[Key, Item]:
    """The existing ones of several items."""
    found: dict[Key, Item] = {}
    for some in batched(wanted, KEYS_A_CALL, strict=False):
        found |= _items_at(some)
    return found


def _items_at(wanted: Sequence[Key]) -> dict[Key, Item]:
    table = config.setting("TABLE_NAME")
    asked: Any = {table: {"Keys": [key.address for key in wanted], "ConsistentRead": True}}
    found: dict[Key, Item] = {}
    waits = windows(0.05, 0.8)
    while True:
        response = client("dynamodb").batch_get_item(RequestItems=asked)
        for item in response["Responses"].get(table, ()):
            found[Key.of(item)] = dict(item)
        # DynamoDB returns throttled keys for another attempt. It never returns all of them, so this loop ends.
        if not (asked := response.get("UnprocessedKeys")):
            return found
        wait(next(waits))


def items_beginning(key: Key, prefix: str) -> list[Item]:
    """All items of a partition whose sort key has this prefix, in order."""
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "KeyConditionExpression": "PK = :partition AND begins_with(SK, :prefix)",
        "ExpressionAttributeValues": {":partition": {"S": key.partition}, ":prefix": {"S": prefix}},
        "ConsistentRead": True,
    }
    return list(items_of(asked))


def items_of(asked: Mapping[str, Any]) -> Iterator[Item]:
    """All items that a query finds."""
    return (item for response in pages_of(asked) for item in response["Items"])


def pages_of(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The pages of a query, each from the end of the page before it."""
    start: dict[str, Any] = {}
    while True:
        response: dict[str, Any] = {**client("dynamodb").query(**asked, **start)}
        yield response
        if not (last := response.get("LastEvaluatedKey")):
            return
        start = {"ExclusiveStartKey": last}
