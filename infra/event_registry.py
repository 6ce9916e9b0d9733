"""The events for EventBridge's schema registry: one OpenAPI 3.0 document each, from which it generates classes."""

import json
from typing import Any

from infra.event_schemas import Schema, event_schemas
from invoicing.core.event import SOURCE

MOST_SCHEMAS = 100
"""The schemas that a registry holds unless its quota is raised."""
_OWN_REGISTRIES = {
    **dict.fromkeys(("bank_statement", "bank_transaction"), "bank"),
    **dict.fromkeys(("collection", "sepa_file", "transaction"), "collection"),
    "subscription": "subscription",
    **dict.fromkeys(("webhook", "webhook_endpoint"), "webhook"),
}
"""The registries beside that of the stage, by the resource of an event. Rows are permanent: a schema does not move."""
MOST_CHARACTERS = 100_000
"""The longest content of a schema."""
_REFERENCE = "#/components/schemas/"
_OR_NULL = "OrNull"
"""The end of the name of a schema that null fits too."""
_STRING = {"type": "string"}
_ENVELOPE: Schema = {
    "id": _STRING,
    "source": _STRING,
    "detail-type": _STRING,
    "account": _STRING,
    "region": _STRING,
    "time": {"type": "string", "format": "date-time"},
    "version": _STRING,
    "resources": {"type": "array", "items": _STRING},
}
_OBJECT = {
    "type": "object",
    "required": ["object", "id"],
    "properties": {"object": _STRING, "id": _STRING},
    "description": "Object after the event. Its fields are in the events.json that the API serves.",
}
"""The object of an event, without its fields: those of all events would fill the stack's template."""


def registered() -> dict[str, str]:
    """The content of each schema of the registry, by the name that EventBridge's own schemas follow."""
    return {f"{SOURCE}@{name}": _content(name, schema) for name, schema in event_schemas().items()}


def registry_of(schema: str, stage: str) -> str:
    """The registry of a schema: that of the stage, or that of its resource."""
    resource = schema.partition("@")[2].partition(".")[0]
    return f"{stage}-{_OWN_REGISTRIES[resource]}" if resource in _OWN_REGISTRIES else stage


def _content(name: str, schema: Schema) -> str:
    detail = json.loads(json.dumps({key: one for key, one in schema.items() if key not in ("$schema", "$defs")}))
    detail["properties"]["data"]["properties"]["object"] = _OBJECT
    definitions = {name: detail, **schema["$defs"]}
    needed = _needed(name, definitions)
    event = {
        "type": "object",
        "required": [*_ENVELOPE, "detail"],
        "x-amazon-events-source": SOURCE,
        "x-amazon-events-detail-type": name,
        "properties": {**_ENVELOPE, "detail": {"$ref": f"{_REFERENCE}{name}"}},
    }
    schemas = {one: _converted(definitions[one]) for one in needed}
    nullable = {f"{one}{_OR_NULL}": schemas[one] | {"nullable": True} for one in needed}
    text = json.dumps(schemas)
    schemas |= {one: made for one, made in nullable.items() if f'"{_REFERENCE}{one}"' in text}
    document = {
        "openapi": "3.0.0",
        "info": {"title": name, "version": str(schema["properties"]["version"]["const"])},
        "paths": {},
        "components": {"schemas": {"AWSEvent": event, **schemas}},
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _needed(name: str, definitions: Schema) -> list[str]:
    """A definition and those that it refers to, directly or through others."""
    found = [name]
    for one in found:
        text = json.dumps(definitions[one])
        found += [other for other in definitions if other not in found and f'"#/$defs/{other}"' in text]
    return found


def _converted(schema: Any) -> Any:
    """A schema of JSON Schema 2020-12 as one of OpenAPI 3.0, which has no null type and no constants."""
    if isinstance(schema, list):
        return [_converted(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        # Beside a reference, OpenAPI 3.0 ignores everything.
        return {"$ref": str(schema["$ref"]).replace("#/$defs/", _REFERENCE)}
    made = {
        name: {field: _converted(one) for field, one in value.items()} if name == "properties" else _converted(value)
        for name, value in schema.items()
        if name not in ("const", "examples", "anyOf", "propertyNames", "title") and (name, value) != ("required", [])
    }
    if "const" in schema:
        made |= {"type": "integer" if isinstance(schema["const"], int) else "string", "enum": [schema["const"]]}
    choices = schema.get("anyOf", [])
    possible = [_converted(one) for one in choices if one != {"type": "null"}]
    if len(possible) == 1 and "$ref" in possible[0]:
        # Null fits only a schema that has the type and `nullable` side by side, so the schema exists with it as well.
        return {"$ref": possible[0]["$ref"] + (_OR_NULL if len(choices) > 1 else "")}
    if len(possible) == 1:
        made = possible[0] | made
    elif possible:
        made["anyOf"] = possible
    return made | ({"nullable": True} if len(possible) < len(choices) else {})
