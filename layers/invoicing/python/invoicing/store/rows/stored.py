"""Rewriting an item without losing the fields that newer code stored in it.

Old code reads such items during a deployment and after a roll-back. It ignores the fields and attributes that it does
not know, and writes them back as they were:

- An unknown attribute of an item stays as long as the item does.
- An unknown field of a value stays as long as there is a value at its place. In a list, the place of an entry is its
  `id`; an entry without one keeps its unknown fields as long as it is unchanged, and loses them when it changes.
- An erased customer or a deleted comment keeps no unknown fields, because they may be personal.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from invoicing.core.model import Value
from invoicing.store.keys import Item


class Stored(NamedTuple):
    """An item as it was read: its attributes, its JSON in the present schema, and the object read from that."""

    item: Item
    text: str
    thing: Value


def kept(item: Item, row: Stored, known: Item, thing: Value) -> Item:
    """The next item of an object, with the unknown fields of its row.

    `known` is that row as this code would write it.
    """
    data = kept_text(item["data"]["S"], row, known["data"]["S"], thing)
    return {**item, **kept_attributes(item, row, known, thing), "data": {"S": data}}


def kept_attributes(item: Item, row: Stored | None, known: Item, thing: Value) -> Item:
    """The attributes that are unknown in the row of an item."""
    if row is None or thing.forgets:
        return {}
    return {name: value for name, value in row.item.items() if name not in known and name not in item}


def kept_text(text: str, row: Stored, known: str, thing: Value) -> str:
    """The next JSON of an object, with the fields that are unknown in its row."""
    # Usually this version wrote the row, so it has no unknown fields.
    if row.text == known or thing.forgets:
        return text
    return to_json(_filled(from_json(text), from_json(row.text), row.thing, thing)).decode()


def _filled(content: dict[str, Any], stored: Mapping[str, Any], before: BaseModel, after: BaseModel) -> dict[str, Any]:
    """The JSON of a value with the unknown fields of its stored form."""
    known = type(before).model_fields
    filled = {name: value for name, value in stored.items() if name not in known} | content
    for name in stored.keys() & known.keys() & type(after).model_fields.keys():
        inner = _with_unknown(content.get(name), stored[name], getattr(before, name), getattr(after, name))
        if inner is not None:
            filled[name] = inner
    return filled


def _with_unknown(content: Any, stored: Any, before: Any, after: Any) -> Any:
    """The same for the value of a field. None if nothing has to be written."""
    if isinstance(before, BaseModel) and isinstance(after, BaseModel):
        # A default value is not written, unless it has unknown fields.
        whole = after.model_dump(mode="json") if content is None else content
        filled = _filled(whole, stored, before, after)
        return None if content is None and filled == whole else filled
    if content is None:
        return None
    if isinstance(before, tuple) and isinstance(after, tuple):
        return [
            one if place is None else _with_unknown(one, stored[place], before[place], entry)
            for one, entry, place in zip(content, after, _places(before, after), strict=True)
        ]
    if isinstance(before, dict) and isinstance(after, dict):
        return {
            name: _with_unknown(one, stored[name], before[name], after[name]) if name in before else one
            for name, one in content.items()
        }
    return content


def _places(before: Sequence[Any], after: Sequence[Any]) -> list[int | None]:
    """For each entry of a list, its former state: the entry with the same id, or the first equal one."""
    ids = {entry.id: place for place, entry in enumerate(before) if _id_of(entry) is not None}
    free = dict.fromkeys(range(len(before)))
    places: list[int | None] = []
    for entry in after:
        place = ids.get(_id_of(entry))
        if place is None and _id_of(entry) is None:
            place = next((one for one in free if before[one] == entry), None)
        if place is not None:
            free.pop(place, None)
        places.append(place)
    return places


def _id_of(entry: Any) -> Any:
    return getattr(entry, "id", None)
