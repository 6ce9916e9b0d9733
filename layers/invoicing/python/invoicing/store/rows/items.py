"""Items: one JSON attribute with the whole resource, and beside it the attributes that keys and filters need."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from invoicing.core.errors import DocumentTooLarge
from invoicing.core.model import Aggregate, Parted, Value, instant_text
from invoicing.core.tolerant import read, read_to_show
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.rows.revisions import REVISION
from invoicing.store.rows.schema import SCHEMA_VERSION, migrated, present_version

PART_BYTES = 300_000
SMALL_BYTES = 16_000
MAX_BODY_BYTES = 3_500_000
_NO_ASIDE = "no_aside"
"""The revision of a head that was written with its content, if there is no item beside both. Old code keeps it
and moves the revision, so that it proves nothing about the writes of old code."""


def text(value: object) -> str:
    """A value as filters and sort keys compare it."""
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def searched(value: str) -> str:
    """A text in the form that searches compare, without case."""
    return value.casefold()


def keyed(key: Key, entity: str, data: str | None = None, version: int | None = None) -> Item:
    """The attributes that every item has."""
    item: Item = {**key.address, "entity": {"S": entity}, SCHEMA_VERSION: {"N": str(present_version(entity))}}
    if data is not None:
        item["data"] = {"S": data}
    if version is not None:
        item["version"] = {"N": str(version)}
    return item


def listed(*lists: tuple[IndexPartition | None, str]) -> Item:
    """The index attributes that put an item into lists, each at a sort key. None is a list that it is not in."""
    item: Item = {}
    for partition, sort in lists:
        if partition is not None and partition.index is not None:
            index = keys.INDEXES[partition.index]
            item[index.partition] = {"S": partition.partition}
            item[index.sort] = {"S": sort}
    return item


def filtered(thing: Value, *names: str) -> Item:
    """The attributes that lists can be filtered by."""
    return {name: {"S": text(value)} for name in names if (value := getattr(thing, name)) is not None}


def head_text(thing: Parted) -> str:
    """The head of a resource, as JSON. Defaults are left out: each kilobyte is paid in the table and in each index."""
    return thing.model_dump_json(include=set(thing.head()), exclude_defaults=True)


def compressed(content: bytes) -> bytes:
    """Bytes as they are stored.

    A small window and level 3: for small data, the full window of zlib costs ten times the compression itself, and
    level 6 costs twice as much as level 3 for 5 % less.
    """
    if len(content) > SMALL_BYTES:
        return zlib.compress(content)
    small = zlib.compressobj(level=3, wbits=12, memLevel=5)
    return small.compress(content) + small.flush()


def content_text(thing: Parted) -> str:
    """The content of a resource beside its head, as JSON."""
    return thing.model_dump_json(include=set(thing.content()), exclude_none=True)


def content_items(thing: Parted, key: Key, text: str, revision: int) -> list[Item]:
    """The content of a resource, compressed, in parts.

    Each part and the head have the revision at which they were written. If the revisions differ, the read was torn.
    """
    raw = compressed(text.encode())
    if len(raw) > MAX_BODY_BYTES:
        raise DocumentTooLarge
    return [
        keyed(key.at(f"{keys.BODY}{number:02d}"), f"{thing.object}_content", version=revision)
        | {"part": {"B": raw[start : start + PART_BYTES]}}
        for number, start in enumerate(range(0, len(raw), PART_BYTES))
    ]


def content_of(parts: Sequence[Mapping[str, Any]]) -> str:
    """The content of a resource as JSON, from its parts in order."""
    return zlib.decompress(b"".join(bytes(part["part"]["B"]) for part in parts)).decode()


def aside_text(thing: Parted) -> str:
    """The fields beside head and content, as JSON; `{}` where there are none."""
    return thing.model_dump_json(include=set(thing.aside()), exclude_none=True)


def aside_item(thing: Parted, key: Key, text: str) -> Item:
    """The item of the fields beside head and content."""
    return keyed(key.at(keys.ASIDE), f"{thing.object}_aside", text)


def proving_aside(head: Item, revision: int | None) -> Item:
    """A head with the proof that there is no item beside it and its content, written at this revision; None: without.

    Only a head that is written with its content has the proof: the many writes after the issue need none.
    """
    proof: Item = {} if revision is None else {_NO_ASIDE: {"N": str(revision)}}
    return {name: value for name, value in head.items() if name != _NO_ASIDE} | proof


def lacks_aside(head: Item) -> bool:
    """Whether a head proves that there is no item beside it and its content."""
    return _NO_ASIDE in head and head[_NO_ASIDE] == head.get(REVISION)


def same(names: Iterable[str], before: Aggregate | None, after: Aggregate) -> bool:
    """Whether a resource was read and none of these fields changed since."""
    return before is not None and all(
        hasattr(before, name) and getattr(before, name) == getattr(after, name) for name in names
    )


def text_of(item: Item) -> str:
    """The JSON of an item, in the schema that this code knows."""
    return migrated(item["data"]["S"], item)


def model_of[V: Value](model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
    """A value from its item, or from this JSON of it. `shows`: the value is only shown and decides nothing."""
    return (read_to_show if shows else read)(model, text or text_of(item))


def changed_fields(before: Aggregate | None, after: Aggregate) -> Iterator[str]:
    """The names of the fields that a change changed, bookkeeping aside."""
    if before is None:
        return
    for name in type(after).model_fields:
        if name not in {"version", "updated_at", "updated_by"} and getattr(before, name, None) != getattr(after, name):
            yield name
