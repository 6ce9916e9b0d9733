"""Indexes: all that stands at a place, and of the sparse ones what waits for its day, in the order of days."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from invoicing import config
from invoicing.store.keys import INDEXES, Item, Place
from invoicing.store.reading import items_of


def items_in(place: Place, **equal: str) -> Iterator[Item]:
    """What stands at a place, with these attributes."""
    name = place.index or ""
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": name,
        "KeyConditionExpression": f"{INDEXES[name].partition} = :place",
        "ExpressionAttributeValues": {":place": {"S": place.partition}}
        | {f":{attribute}": {"S": value} for attribute, value in equal.items()},
    }
    if equal:
        asked["FilterExpression"] = " AND ".join(f"{attribute} = :{attribute}" for attribute in equal)
    return items_of(asked)


def ids_before(place: Place, day: date) -> Iterator[str]:
    """The ids of what stands at a place under a day before this one, and nothing else is looked at."""
    name = place.index or ""
    index = INDEXES[name]
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": name,
        "KeyConditionExpression": f"{index.partition} = :place AND {index.sort} < :day",
        "ExpressionAttributeValues": {":place": {"S": place.partition}, ":day": {"S": day.isoformat()}},
    }
    return (item[index.sort]["S"].rpartition("#")[2] for item in items_of(asked))
