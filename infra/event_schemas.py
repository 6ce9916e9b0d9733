"""The events on the bus as JSON Schema, one for each: derived from where they are declared."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import invoicing
from infra.descriptions import COMMON, DescribedSchema
from infra.discovery import discover
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.partner_events import PartnerEvents
from invoicing.core.event import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ENVELOPE: dict[str, Any] = {
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
        "type": ["object", "null"],
        "required": ["id", "name"],
        "description": "User who caused the event; null for the service itself.",
        "properties": {
            "id": {"type": "string", "description": COMMON["user_id"]},
            "name": {"type": "string", "description": "First and last name of the user."},
        },
    },
    "resource": {
        "type": "object",
        "required": ["object", "id", "version"],
        "description": "Object that the event is about.",
        "properties": {
            "object": {"type": "string", "description": COMMON["object"]},
            "id": {"type": "string", "description": "Identifier of the object."},
            "version": {"type": "integer", "description": "Version of the object after the event."},
        },
    },
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


def event_schemas() -> dict[str, dict[str, Any]]:
    """The schema of each event's `detail`, by its detail type. Consumers must tolerate unknown fields."""
    return {event.name: _schema(event) for event in all_events()}


def incoming_schemas() -> dict[str, dict[str, Any]]:
    """The events that other services may put on the bus: the schema of each `detail`, by source and detail type."""
    sources = [found.declaration.source for found in discover() if isinstance(found.declaration, Consumer)]
    return {
        f"{source.partner} {name}": {
            "$schema": DIALECT,
            **source.detail.model_json_schema(mode="validation", schema_generator=DescribedSchema),
            "title": name,
        }
        for source in sources
        if isinstance(source, PartnerEvents)
        for name in source.events
    }


def _schema(event: type[Event]) -> dict[str, Any]:
    details = event.model_json_schema(mode="serialization", schema_generator=DescribedSchema)
    definitions = details.pop("$defs", {})
    details.pop("additionalProperties", None)
    details["properties"] = {k: v for k, v in details.get("properties", {}).items() if k not in event.in_entry}
    details["required"] = [name for name in details.get("required", []) if name not in event.in_entry]
    return {
        "$schema": DIALECT,
        "title": event.name,
        "description": (event.__doc__ or "").split("\n", 1)[0],
        "type": "object",
        "required": ["id", "type", "version", "tenant_id", "occurred_at", "actor", "resource", "data"],
        "properties": {
            **_ENVELOPE,
            "type": {"const": event.name, "description": "Name of the event, the same as the detail type."},
            "data": _data(details),
        },
        **({"$defs": definitions} if definitions else {}),
    }


def _data(details: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["object", "changed", "details"],
        "description": "Content of the event.",
        "properties": {
            "object": {
                "type": "object",
                "description": "Object after the event, as lists of the API show it; only its ids if it exceeds 16 KB.",
            },
            "changed": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Names of the fields that the event changed.",
            },
            "details": {**details, "description": "Facts about the event that are not part of the object."},
        },
    }
