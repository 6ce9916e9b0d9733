"""Has moto look for the items of a query where they are, instead of sorting the whole table for each query.

Sorting took most of the time of tests and benchmarks with thousands of items.
"""

import threading
from functools import cache
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_PLACES = "places"
_asked = threading.local()
_building = threading.Lock()
"""Without it, places that one thread built would replace those that already have the items of another."""


class _Places:
    """The keys of the items that have, or had, a value in the partition attribute of an index."""

    def __init__(self, table: Any) -> None:
        self.items = table.items
        self._names = [
            key["AttributeName"] for index in table.all_indexes() for key in index.schema if key["KeyType"] == "HASH"
        ]
        self._keys: dict[tuple[str, str], dict[tuple[DynamoType, Any], None]] = {}
        for of_key in list(self.items.values()):
            for item in list(of_key.values()):
                self.add(item)

    def add(self, item: Item) -> None:
        """Note the item's values."""
        key = item.hash_key, item.range_key
        for name in self._names:
            value = item.attrs.get(name)
            if value is not None:
                self._keys.setdefault((name, value.value), {})[key] = None

    def at(self, name: str, value: str) -> list[Item]:
        """The items that can have this value. moto itself leaves out those that have another one meanwhile."""
        found = (self.items.get(partition, {}).get(sort) for partition, sort in self._keys.get((name, value), ()))
        return [item for item in found if item is not None]


@cache
def look_where_the_items_are() -> None:
    """Patch moto in this process."""
    table_class: Any = Table
    backend_class: Any = DynamoDBBackend
    query, put_item, all_items = table_class.query, table_class.put_item, table_class.all_items
    update_item = backend_class.update_item

    def queried(self: Any, *args: Any, **kwargs: Any) -> Any:
        _asked.conditions = kwargs["hash_key_conditions"]
        try:
            return query(self, *args, **kwargs)
        finally:
            del _asked.conditions

    def items_of(self: Any) -> list[Item]:
        conditions = getattr(_asked, "conditions", None)
        if not conditions:
            return list(all_items(self))
        [(name, value)] = conditions
        if name == self.hash_key_attr:
            return list(self.items.get(value, {}).values())
        return _places(self).at(name, value.value)

    def put_and_note(self: Any, *args: Any, **kwargs: Any) -> Any:
        item = put_item(self, *args, **kwargs)
        _places(self).add(item)
        return item

    def update_and_note(self: Any, table_name: str, *args: Any, **kwargs: Any) -> Any:
        item = update_item(self, table_name, *args, **kwargs)
        _places(self.get_table(table_name)).add(item)
        return item

    table_class.query, table_class.put_item, table_class.all_items = queried, put_and_note, items_of
    backend_class.update_item = update_and_note


def _places(table: Any) -> _Places:
    """The places of a table's items; of all, if they were replaced by others meanwhile."""
    with _building:
        found: _Places | None = vars(table).get(_PLACES)
        if found is None or found.items is not table.items:
            found = vars(table)[_PLACES] = _Places(table)
        return found
