"""The compatibility of event schemas: within a version, fields, events and values of enumerations are added only.

A consumer that was written for the older schemas must understand each event of the newer ones.
"""

import json
from collections.abc import Iterator
from typing import Any

from infra.event_schemas import Schema

_REF = "#/$defs/"
_FIXED = ("type", "format", "pattern", "const")
"""The keywords that must stay. Bounds may change: consumers read values, and do not check them."""


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """The changes from one bundle of events to another that existing consumers cannot live with, one line each."""
    before = {ref["$ref"].removeprefix(_REF) for ref in old["oneOf"]}
    after = {ref["$ref"].removeprefix(_REF) for ref in new["oneOf"]}
    found = [f"{name}: the event is removed" for name in sorted(before - after)]
    for name in sorted(before & after):
        found += _Comparison(old, new).changes(name, old["$defs"][name], new["$defs"][name])
    return found


class _Comparison:
    """One event in two bundles. Each pair of definitions is compared once, also where they refer to themselves."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old["$defs"]
        self._new = new["$defs"]
        self._compared: set[tuple[str, str]] = set()

    def changes(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        pair = str(old.get("$ref")), str(new.get("$ref"))
        if pair != ("None", "None") and pair in self._compared:
            return
        self._compared.add(pair)
        old, new = _followed(old, self._old), _followed(new, self._new)
        for keyword in _FIXED:
            if old.get(keyword) != new.get(keyword):
                yield f"{path}: {keyword} is {new.get(keyword)!r} instead of {old.get(keyword)!r}"
        for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
            yield f"{path}.{name}: the field can be missing"
        for name, one in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{path}.{name}: the field is removed"
            else:
                other = new["properties"][name]
                # Consumers know that the field can be missing, and events leave out fields that are null.
                if name not in old.get("required", ()):
                    one, other = _present(one), _present(other)
                yield from self.changes(f"{path}.{name}", one, other)
        for keyword in ("items", "additionalProperties"):
            if isinstance(old.get(keyword), dict):
                yield from self.changes(f"{path}[]", old[keyword], new.get(keyword) or {})
        yield from self._alternatives(path, old.get("anyOf", []), new.get("anyOf", []))

    def _alternatives(self, path: str, old: list[Schema], new: list[Schema]) -> Iterator[str]:
        before = {_kind(one, self._old): one for one in old}
        for kind, one in {_kind(one, self._new): one for one in new}.items():
            if kind not in before:
                yield f"{path}: the value can be {kind}"
            else:
                yield from self.changes(path, before[kind], one)


def _followed(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = definitions[schema["$ref"].removeprefix(_REF)]
    return found


def _present(schema: Schema) -> Schema:
    """The schema of a value that is not null, if it has a single alternative to null."""
    others = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return others[0] if len(others) == 1 else schema


def _kind(schema: Schema, definitions: Schema) -> str:
    """The name of an alternative: its type, and its constant `object` where it is one of several objects."""
    found: Any = _followed(schema, definitions)
    of_object = found.get("properties", {}).get("object", {}).get("const")
    return " ".join(filter(None, (json.dumps(found.get("type")), found.get("format"), of_object)))
