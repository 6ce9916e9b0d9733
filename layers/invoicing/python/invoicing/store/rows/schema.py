"""The schema versions of items' JSON, and the migration of older versions on read.

Each item names in `schema_version` the version of the code that wrote it last; an item without it has version 1. A
migration turns the JSON of one version into that of the next. Nothing rewrites the table: an item gets the present
version when it is next written.

Old code writes items that newer code wrote before, keeps the fields it does not know, and puts its own lower version on
them. So a migration may meet a field that it is about to add, left from before the old code's change, and derives it
again from the fields that old code knows.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import from_json, to_json

from invoicing.store.keys import Item

SCHEMA_VERSION = "schema_version"

Migration = Callable[[dict[str, Any]], dict[str, Any]]
_MIGRATIONS: dict[str, Sequence[Migration]] = {}


def register(entity: str, migrations: Sequence[Migration]) -> None:
    """Declare the migrations of a kind of item in order, the first one from version 1 to version 2."""
    _MIGRATIONS[entity] = migrations


def present_version(entity: str) -> int:
    """The version that this code writes."""
    return 1 + len(_MIGRATIONS.get(entity, ()))


def migrated(text: str, item: Item) -> str:
    """The JSON of an item in the version that this code knows. `text` is the whole JSON if it is stored in parts."""
    pending = _MIGRATIONS.get(item["entity"]["S"], ())[int(item.get(SCHEMA_VERSION, {"N": "1"})["N"]) - 1 :]
    if not pending:
        return text
    content = from_json(text)
    for migrate in pending:
        content = migrate(content)
    return to_json(content).decode()
