"""Reads of whole index partitions, and of the part of a sparse one that is due."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from invoicing import config
from invoicing.store.keys import INDEXES, IndexPartition, Item
from invoicing.store.reading import items_of


def items_in(partition: IndexPartition, **equal: str) -> Iterator[Item]:
    """The entries of an index partition that have these attributes."""
    name = partition.index or ""
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": name,
        "KeyConditionExpression": f"{INDEXES[name].partition} = :partition",
        "ExpressionAttributeValues": {":partition": {"S": partition.partition}}
        | {f":{attribute}": {"S": value} for attribute, value in equal.items()},
    }
    if equal:
        asked["FilterExpression"] = " AND ".join(f"{attribute} = :{attribute}" for attribute in equal)
    return items_of(asked)


def ids_before(partition: IndexPartition, day: date) -> Iterator[str]:
    """The ids of the entries of an index partition before a day; no other entry is read."""
    name = partition.index or ""
    index = INDEXES[name]
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": name,
        "KeyConditionExpression": f"{index.partition} = :partition AND {index.sort} < :day",
        "ExpressionAttributeValues": {":partition": {"S": partition.partition}, ":day": {"S": day.isoformat()}},
    }
    return (item[index.sort]["S"].rpartition("#")[2] for item in items_of(asked))
