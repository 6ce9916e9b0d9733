"""Sparse indexes: only what waits for its day stands in them, in the order of days."""

from collections.abc import Iterator
from datetime import date

from invoicing import config
from invoicing.adapters.dynamodb.keys import INDEXES, Place
from invoicing.adapters.dynamodb.reading import items_of


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
