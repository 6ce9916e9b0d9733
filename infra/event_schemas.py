"""The events on the bus as JSON Schema: derived from where they are declared.

One document has all of them. `$defs` has each event under its detail type, and the objects that events refer to.
"""

import json
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pydantic.json_schema import models_json_schema

import invoicing
from infra.descriptions import COMMON, DescribedSchema
from infra.discovery import discover
from infra.openapi_names import schema_names
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.partner_events import PartnerEvents
from invoicing.core.activity import Activity
from invoicing.core.event import Event
from invoicing.core.model import Aggregate
from invoicing.store.entries import fields_in_events

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
_REF = "#/$defs/"

_SHARED: dict[str, Schema] = {
    "EventActor": {
        "type": "object",
        "required": ["id", "name"],
        "description": "User who caused an event.",
        "properties": {
            "id": {"type": "string", "description": COMMON["user_id"]},
            "name": {"type": "string", "description": "First and last name of the user."},
        },
    },
    "EventResource": {
        "type": "object",
        "required": ["object", "id", "version"],
        "description": "Object that an event is about.",
        "properties": {
            "object": {"type": "string", "description": COMMON["object"]},
            "id": {"type": "string", "description": "Identifier of the object."},
            "version": {"type": "integer", "description": "Version of the object after the event."},
        },
    },
}
_ENVELOPE: Schema = {
    "id": {
        "type": "string",
        "pattern": "^evt_",
        "description": "Identifier of the event, the same in each delivery. Consumers use it to ignore duplicates.",
    },
    "version": {"const": 1, "description": "Version of the schema. Fields are added without a new version."},
    "tenant_id": {"type": "string", "pattern": "^ten_", "description": COMMON["tenant_id"]},
    "occurred_at": {
        "type": "string",
        "format": "date-time",
        "description": "When the event happened, as an RFC 3339 timestamp in UTC.",
    },
    "actor": {
        "anyOf": [{"$ref": f"{_REF}EventActor"}, {"type": "null"}],
        "description": "User who caused the event; null for the service itself.",
    },
    "resource": {"$ref": f"{_REF}EventResource", "description": "Object that the event is about."},
}


@cache
def all_events() -> tuple[type[Event], ...]:
    """Every event of every noun, by name: those of each `events.py` in the layer."""
    for module in pkgutil.walk_packages(invoicing.__path__, "invoicing."):
        if module.name.endswith(".events"):
            import_module(module.name)
    return tuple(sorted(_named(Event), key=lambda event: event.name))


def _named(event: type[Event]) -> Iterator[type[Event]]:
    """The first classes below that have a name. Their own subclasses are variants of the same event."""
    for one in event.__subclasses__():
        if hasattr(one, "name"):
            yield one
        else:
            yield from _named(one)


def bundle() -> Schema:
    """All events in one document. Each `detail` on the bus fits the document, and the definition of its detail type."""
    names = [event.name for event in all_events()]
    return {
        "$schema": DIALECT,
        "title": "Events of the invoicing service",
        "description": "Consumers must tolerate fields, values and events that this document does not name.",
        "oneOf": [{"$ref": _REF + name} for name in names],
        "$defs": _definitions(),
    }


def text() -> str:
    """The events that the service publishes and those that it accepts, as the text that is printed and served."""
    return json.dumps({"published": bundle(), "accepted": incoming_schemas()}, indent=1, ensure_ascii=False) + "\n"


def event_schemas() -> dict[str, Schema]:
    """The schema of each event's `detail` by its detail type, with the definitions that it refers to."""
    definitions = _definitions()
    return {
        event.name: {"$schema": DIALECT, **definitions[event.name], "$defs": _needed(event.name, definitions)}
        for event in all_events()
    }


def incoming_schemas() -> dict[str, Schema]:
    """The events that other services may put on the bus: the schema of each `detail`, by source and detail type."""
    return {
        f"{source.partner} {name}": {
            "$schema": DIALECT,
            **source.detail.model_json_schema(mode="validation", schema_generator=DescribedSchema),
            "title": name,
        }
        for source in partner_sources()
        for name in source.events
    }


def partner_sources() -> list[PartnerEvents]:
    """The events of other services that functions consume."""
    sources = [found.declaration.source for found in discover() if isinstance(found.declaration, Consumer)]
    return [source for source in sources if isinstance(source, PartnerEvents)]


@cache
def _definitions() -> dict[str, Schema]:
    """The definitions of all events, and of the objects in them."""
    events = all_events()
    kinds: list[type[Aggregate | Activity]] = [*dict.fromkeys(event.subject for event in events), Activity]
    named, generated = models_json_schema(
        [(one, "serialization") for one in (*kinds, *events)],
        ref_template=_REF + "{model}",
        schema_generator=DescribedSchema,
    )
    # The objects have the same names as in the OpenAPI document.
    names = schema_names(generated["$defs"])
    refs = {model: names[str(ref["$ref"]).removeprefix(_REF)] for (model, _), ref in named.items()}
    definitions: dict[str, Schema] = {names[name]: _open(schema, names) for name, schema in generated["$defs"].items()}
    for kind in kinds:
        definitions[refs[kind]] = _summary(definitions[refs[kind]], fields_in_events(kind))
    for event in events:
        definitions[refs[event]] = _details(definitions[refs[event]], event)
        definitions[event.name] = _event(event, refs)
    reached: dict[str, Schema] = {}
    for event in events:
        reached |= {event.name: definitions[event.name]} | _needed(event.name, {**definitions, **_SHARED})
    return dict(sorted(reached.items()))


def _open(schema: Any, names: Mapping[str, str]) -> Any:
    """A schema with public names that accepts unknown fields: fields are added to events without notice."""
    if isinstance(schema, list):
        return [_open(one, names) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(ref := schema.get("$ref"), str):
        return {**schema, "$ref": _REF + names[ref.removeprefix(_REF)]}
    return {name: _open(one, names) for name, one in schema.items() if (name, one) != ("additionalProperties", False)}


def _summary(schema: Schema, fields: set[str]) -> Schema:
    """An object in events: without long texts and configuration, and without fields that are null."""
    return {
        **schema,
        "description": "An object after the event, as lists of the API show it; only its ids if it exceeds 16 KB.",
        "properties": {name: one for name, one in schema["properties"].items() if name in fields},
        "required": ["object", "id"],
    }


def _details(schema: Schema, event: type[Event]) -> Schema:
    return {
        **schema,
        "description": "Facts about the event that are not part of the object.",
        "properties": {name: one for name, one in schema.get("properties", {}).items() if name not in event.in_entry},
        "required": [name for name in schema.get("required", []) if name not in event.in_entry],
    }


def _event(event: type[Event], refs: dict[Any, str]) -> Schema:
    objects = [event.subject, Activity]
    return {
        "title": event.name,
        "description": (event.__doc__ or "").split("\n", 1)[0],
        "type": "object",
        "required": ["id", "type", "version", "tenant_id", "occurred_at", "actor", "resource", "data"],
        "properties": {
            **_ENVELOPE,
            "type": {"const": event.name, "description": "Name of the event, the same as the detail type."},
            "data": {
                "type": "object",
                "required": ["object", "changed", "details"],
                "description": "Content of the event.",
                "properties": {
                    "object": {
                        "anyOf": [{"$ref": _REF + refs[kind]} for kind in objects],
                        "description": "Object after the event, or its timeline entry if the event changed no field.",
                    },
                    "changed": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Names of the fields that the event changed.",
                    },
                    "details": {
                        "$ref": _REF + refs[event],
                        "description": "Facts about the event that are not part of the object.",
                    },
                },
            },
        },
    }


def _needed(name: str, definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions that one of them refers to, directly or through others."""
    found: dict[str, Schema] = {}
    waiting = [name]
    while waiting:
        for ref in _refs(definitions[waiting.pop()]):
            if ref not in found:
                found[ref] = definitions[ref]
                waiting.append(ref)
    return dict(sorted(found.items()))


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _refs(one)
    elif isinstance(schema, dict):
        if isinstance(ref := schema.get("$ref"), str):
            yield ref.removeprefix(_REF)
        for one in schema.values():
            yield from _refs(one)
