"""Rows of the table in the order in which they were committed.

The ids of one moment are random, and most tests have one moment only: their order is no order of events.
"""

from functools import cache
from itertools import count
from typing import Any

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_to_dict

_MOMENT = 10
"""Digits of an id that are its time."""
_counted = count()


@cache
def number_each_new_row() -> None:
    """Have moto do so in this process."""
    table_class: Any = Table
    put_item = table_class.put_item

    def put_and_number(self: Any, item_attrs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        names = self.hash_key_attr, self.range_key_attr
        place = [DynamoType(item_attrs[name]) for name in names if name in item_attrs]
        before = self.get_item(*place) if len(place) == len(names) else None
        item = put_item(self, item_attrs, *args, **kwargs)
        if before is None:
            vars(self).setdefault("numbers", {})[_place(item)] = next(_counted)
        return item

    table_class.put_item = put_and_number


def rows_in_order(table: str, region: str, prefix: str) -> list[dict[str, Any]]:
    """The rows with this prefix of their sort key, in the order of their ids; those of one moment as committed."""
    stored: Any = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][region].tables[table]
    numbers = vars(stored).get("numbers", {})
    rows = [
        row for of_one in stored.items.values() for row in of_one.values() if row.range_key.value.startswith(prefix)
    ]
    rows.sort(key=lambda row: (row.range_key.value.rpartition("_")[2][:_MOMENT], numbers.get(_place(row), -1)))
    return [dynamo_to_dict(row.attrs) for row in rows]


def _place(row: Any) -> tuple[str, str]:
    return row.hash_key.value, row.range_key.value
