"""A table that newer code writes too: every item has unknown attributes, and unknown fields at every depth.

Each item becomes newer as soon as it is written. When this code writes it again, its losses are recorded.
"""

import base64
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from unittest.mock import patch

from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from pydantic import BaseModel

from invoicing.core.model import Value, secret_fields
from invoicing.store.rows.items import compressed

UNKNOWN = "from_newer_code"
_NEWER = {"any": ["thing", {"at": None}]}


class Newer:
    """The record of items that newer code wrote."""

    def __init__(self) -> None:
        self.written: Counter[str] = Counter()
        self.rewritten: Counter[str] = Counter()
        self.lost: list[str] = []

    def note(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Compare an item that was written again with the fields that newer code had stored in it."""
        entity = entity_of(before)
        self.rewritten[entity] += 1
        if forgotten(after):
            return
        if UNKNOWN not in after:
            self.lost.append(f"{entity}: attribute")
        places = marks(json_of(after), model_of(entity))
        lost = [place for place, marked in marks(json_of(before), model_of(entity)).items() if marked]
        self.lost += [f"{entity}: {place}" for place in lost if places.get(place) is False]


@contextmanager
def newer_code_writes_too() -> Iterator[Newer]:
    """Let newer code write each item after this code has."""
    newer = Newer()
    backend: Any = DynamoDBBackend
    put, update = backend.put_item, backend.update_item

    def put_item(self: Any, table_name: str, item_attrs: dict[str, Any], *more: Any, **named: Any) -> Any:
        place = DynamoType(item_attrs["PK"]), DynamoType(item_attrs["SK"])
        before = self.tables[table_name].get_item(*place)
        had = before and before.to_json()["Attributes"]
        put(self, table_name, item_attrs, *more, **named)
        if had:
            newer.note(had, item_attrs)
        item = self.tables[table_name].get_item(*place)
        _become_newer(item, newer)
        return item

    def update_item(self: Any, table_name: str, key: dict[str, Any], *more: Any, **named: Any) -> Any:
        before = self.tables[table_name].get_item(DynamoType(key["PK"]), DynamoType(key["SK"]))
        had = before and before.to_json()["Attributes"]
        item = update(self, table_name, key, *more, **named)
        if had:
            newer.note(had, item.to_json()["Attributes"])
        _become_newer(item, newer)
        return item

    with patch.object(DynamoDBBackend, "put_item", put_item), patch.object(DynamoDBBackend, "update_item", update_item):
        yield newer


def forgotten(item: Mapping[str, Any]) -> bool:
    """Whether an item must keep no unknown fields, because its data was removed on request."""
    data = json.loads(item["data"]["S"]) if "data" in item else {}
    return any(data.get(name) for name in ("erased_at", "deleted_at"))


def _become_newer(item: Any, newer: Newer) -> None:
    attributes = item.to_json()["Attributes"]
    entity = entity_of(attributes)
    newer.written[entity] += 1
    item.attrs[UNKNOWN] = DynamoType({"S": "an attribute"})
    if "detail" in attributes:
        item.attrs["detail"] = DynamoType({"S": json.dumps(marked(json.loads(attributes["detail"]["S"]), None))})
    if content := json_of(attributes):
        store_json(item, marked(content, model_of(entity)))


def everything(table: str) -> list[Any]:
    """All items of the simulated table, for changes without a call."""
    [backend] = (one for one in dynamodb_backends[ACCOUNT_ID].values() if table in one.tables)
    return [item for items in backend.tables[table].items.values() for item in items.values()]


def store_json(item: Any, content: Any) -> None:
    """Put other JSON into an item of the simulated table."""
    text = json.dumps(content)
    if "data" in item.attrs:
        item.attrs["data"] = DynamoType({"S": text})
    else:
        item.attrs["part"] = DynamoType({"B": base64.b64encode(compressed(text.encode())).decode()})


def change_row(table: str, entity: str, id_: str, change: Callable[[Any], Any]) -> None:
    """Change the JSON of the row of one object, as another release may have written it."""
    found = ((item, item.to_json()["Attributes"]) for item in everything(table))
    [(item, attributes)] = ((item, one) for item, one in found if entity_of(one) == entity and id_ in str(one))
    store_json(item, change(json_of(attributes)))


def entity_of(item: Mapping[str, Any]) -> str:
    """The kind of an item."""
    return str(item.get("entity", {"S": "count"})["S"])


def json_of(item: Mapping[str, Any]) -> Any:
    """The JSON of an item; None if it is distributed over several items."""
    if "data" in item:
        return json.loads(item["data"]["S"])
    if not entity_of(item).endswith("_content"):
        return {}
    try:
        raw = item["part"]["B"]
        return json.loads(zlib.decompress(raw if isinstance(raw, bytes) else base64.b64decode(raw)))
    except zlib.error:
        return {}


def with_values(value: Any, type_: Any, new: str) -> Any:
    """JSON of this type with each value of an enumeration replaced."""
    if isinstance(value, str) and _is_enumeration(type_):
        return new
    if isinstance(value, dict) and (model := _of(type_, BaseModel)):
        fields = {name: field for name, field in model.model_fields.items() if name in value and name != "object"}
        return value | {name: with_values(value[name], field.annotation, new) for name, field in fields.items()}
    if isinstance(value, dict) and (inner_type := _of(type_, dict)):
        return {name: with_values(inner, get_args(inner_type)[1], new) for name, inner in value.items()}
    if isinstance(value, list) and (inner_type := _of(type_, tuple)):
        return [with_values(inner, get_args(inner_type)[0], new) for inner in value]
    return value


def _is_enumeration(type_: Any) -> bool:
    if get_origin(type_) is Literal:
        return True
    if isinstance(type_, type):
        return issubclass(type_, Enum)
    options = [one for one in get_args(type_) if one is not type(None)]
    return bool(options) and get_origin(type_) in (Union, UnionType) and all(_is_enumeration(one) for one in options)


@cache
def model_of(entity: str) -> type[BaseModel] | None:
    """The model of all fields of such items; None for items without JSON."""
    noun = entity.removesuffix("_content").removesuffix("_aside")
    found = [
        one
        for one in _below(Value)
        if "object" in one.model_fields and one.model_fields["object"].default == noun and not secret_fields(one)
    ]
    return max(found, key=lambda one: len(one.model_fields), default=None)


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _below(one)


def marked(value: Any, type_: Any) -> Any:
    """JSON of this type (None: an event, which is open everywhere) with unknown fields at every possible place."""
    if isinstance(value, dict):
        if type_ is None:
            return {name: marked(inner, None) for name, inner in value.items()} | {UNKNOWN: _NEWER}
        if model := _of(type_, BaseModel):
            fields = model.model_fields
            known = {
                name: marked(inner, fields[name].annotation) if name in fields else inner
                for name, inner in value.items()
            }
            return known | {UNKNOWN: _NEWER}
        if inner_type := _of(type_, dict):
            return {name: marked(inner, get_args(inner_type)[1]) for name, inner in value.items()}
    if isinstance(value, list):
        inner_type = type_ and _of(type_, tuple)
        return [marked(inner, get_args(inner_type)[0]) if inner_type else inner for inner in value]
    return value


def marks(value: Any, type_: Any, place: str = "") -> dict[str, bool]:
    """Each place that can have unknown fields, and whether it has.

    The place of an entry of a list is its id; without an id, its value.
    """
    found: dict[str, bool] = {}
    if isinstance(value, dict) and (model := type_ and _of(type_, BaseModel)):
        found[place] = UNKNOWN in value
        for name, field in model.model_fields.items():
            found |= marks(value.get(name), field.annotation, f"{place}/{name}")
    elif isinstance(value, dict) and (inner_type := type_ and _of(type_, dict)):
        for name, inner in value.items():
            found |= marks(inner, get_args(inner_type)[1], f"{place}/{name}")
    elif isinstance(value, list) and (inner_type := type_ and _of(type_, tuple)):
        for inner in value:
            inner_place = inner.get("id") or json.dumps(_unmarked(inner)) if isinstance(inner, dict) else ""
            found |= marks(inner, get_args(inner_type)[0], f"{place}/{inner_place}")
    return found


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unmarked(inner) for name, inner in sorted(value.items()) if name != UNKNOWN}
    return [_unmarked(inner) for inner in value] if isinstance(value, list) else value


def _of(type_: Any, kind: type) -> Any:
    """The part of a type that is of a kind: a model, or a collection."""
    if get_origin(type_) in (Union, UnionType):
        return next((found for one in get_args(type_) if (found := _of(one, kind))), None)
    if kind is BaseModel:
        return type_ if isinstance(type_, type) and issubclass(type_, BaseModel) else None
    if hasattr(type_, "__metadata__"):
        return _of(get_args(type_)[0], kind)
    return type_ if get_origin(type_) is kind else None
