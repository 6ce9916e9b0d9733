"""The webhooks of the OpenAPI document: the request with each event that endpoints can subscribe to."""

from typing import Any

from infra.descriptions import COMMON
from infra.event_schemas import all_events, event_schemas
from infra.openapi_schemas import EXAMPLE_ULID
from invoicing.core.event import Event
from invoicing.webhooks.delivery import LONGEST_BODY
from invoicing.webhooks.model import API_VERSION
from invoicing.webhooks.subscribable import SUBSCRIBABLE

Schema = dict[str, Any]
TAG: Schema = {
    "name": "webhook events",
    "description": "Signed requests to webhook endpoints (Standard Webhooks). Subscribe by `POST /webhook-endpoints`.",
}
MESSAGE = "WebhookMessage"
_DEFINITIONS = "#/$defs/"
_EXAMPLE: Schema = {
    "type": "invoice.finalized",
    "timestamp": "2026-11-23T09:30:00.000Z",
    "data": {"object": {"object": "invoice", "id": f"inv_{EXAMPLE_ULID}"}},
    "id": f"evt_{EXAMPLE_ULID}",
    "api_version": API_VERSION,
    "payload": "thin",
    "resource": {"object": "invoice", "id": f"inv_{EXAMPLE_ULID}", "version": 2},
    "actor": None,
}
_NAMED: Schema = {
    "type": "object",
    "required": ["object", "id"],
    "properties": {
        "object": {"type": "string", "description": COMMON["object"]},
        "id": {"type": "string", "description": "Identifier of the object."},
    },
}
SCHEMAS: dict[str, Schema] = {
    MESSAGE: {
        "type": "object",
        "description": "Event in a request to a webhook endpoint.",
        "required": list(_EXAMPLE),
        "properties": {
            "type": {"type": "string", "description": "Name of the event."},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When the event happened, as an RFC 3339 timestamp in UTC.",
            },
            "data": {
                "type": "object",
                "required": ["object"],
                "description": "Content of the event. A `thin` message has the identifiers of the object only.",
                "properties": {"object": _NAMED | {"description": "Object that the event is about."}},
            },
            "id": {"type": "string", "description": "Identifier of the event, the same in each attempt."},
            "api_version": {"type": "string", "description": "Version of the API that the data follows."},
            "payload": {
                "type": "string",
                "enum": ["full", "thin"],
                "description": f"`thin` if the endpoint is set so, or the message exceeded {LONGEST_BODY:,} bytes.",
            },
            "resource": {
                **_NAMED,
                "required": ["object", "id", "version"],
                "description": "Object that the event is about.",
                "properties": {
                    **_NAMED["properties"],
                    "version": {"type": "integer", "description": "Version of the object; the higher one is newer."},
                },
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
        },
        "examples": [_EXAMPLE],
    }
}
PARAMETERS: dict[str, Schema] = {
    name.title().replace("-", ""): {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "examples": [example]},
    }
    for name, description, example in (
        ("webhook-id", "Identifier of the event. Receivers use it to ignore duplicates.", f"evt_{EXAMPLE_ULID}"),
        ("webhook-timestamp", "When the attempt began, in seconds since 1970.", "1795426200"),
        (
            "webhook-signature",
            "Signatures by each secret of the endpoint, separated by spaces: `v1,` and the base64 of HMAC-SHA256 over "
            "`<webhook-id>.<webhook-timestamp>.<body>`.",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    )
}


def webhooks() -> dict[str, Schema]:
    """The request with each event that endpoints can subscribe to, by the event's name."""
    events = [event for event in all_events() if event.name in SUBSCRIBABLE]
    return {event.name: {"post": _request(event)} for event in events}


def _request(event: type[Event]) -> Schema:
    summary = (event.__doc__ or "").split("\n", 1)[0].rstrip(".")
    return {
        "operationId": f"receive_{event.name.replace('.', '_')}",
        "tags": [TAG["name"]],
        "summary": summary,
        "description": "The objects in `data` have the fields that `events.json` describes for this event.",
        "security": [],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in PARAMETERS],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _message(event)}}},
        "responses": {
            "200": {"description": "The event was accepted. Any status from 200 to 299 means that."},
            "410": {"description": "The endpoint is gone: it is disabled, and its deliveries wait for 30 days."},
        },
    }


def _message(event: type[Event]) -> Schema:
    """The schema of the message with an event."""
    schema = event_schemas()[event.name]
    found = schema["properties"]["data"]["properties"]
    details = _resolved(found["details"], schema["$defs"])
    data = {"changed": found["changed"], "details": details | {"description": found["details"]["description"]}}
    own = {"type": {"const": event.name}, "data": {"type": "object", "properties": data}}
    return {"allOf": [{"$ref": f"#/components/schemas/{MESSAGE}"}, {"type": "object", "properties": own}]}


def _resolved(schema: Any, definitions: Schema) -> Any:
    """A schema with the definitions in place of its references to them."""
    if isinstance(schema, list):
        return [_resolved(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(ref := schema.get("$ref"), str):
        return _resolved(definitions[ref.removeprefix(_DEFINITIONS)], definitions)
    return {name: _resolved(one, definitions) for name, one in schema.items() if name != "title"}
