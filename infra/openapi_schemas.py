"""The schemas of the OpenAPI document: pydantic's, with names and examples for readers."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, override

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from infra.descriptions import DescribedSchema
from infra.openapi_names import schema_names, update_name
from invoicing.core.stored_file import Form, PageForm
from invoicing.http.declaration import Endpoint, operation_of
from invoicing.http.form import FILES, MEDIA_TYPE, MOST_AT_ONCE, URL_ENCODED
from invoicing.http.patch import Patch
from invoicing.http.problems import Problem

Schema = dict[str, Any]
_REF = "#/components/schemas/"
_NULL = {"type": "null"}
EXAMPLE_ULID = "01JD8X2V6PZ3QK7M5T9WRC4HBN"
_FORMATS = {"date": "2026-11-23", "date-time": "2026-11-23T09:30:00.000Z", "uri": "https://example.com/"}


class _Readable(DescribedSchema):
    """Pydantic's generator without titles that repeat the name.

    Schemas of responses require all fields that are always present.
    """

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    @override
    def field_is_required(
        self, field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField, total: bool
    ) -> bool:
        if self.mode == "serialization":
            return not field.get("serialization_exclude", False)
        return super().field_is_required(field, total)

    @override
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        # A missing field and null are the same. Generators of clients would require a field that has a default.
        return {name: value for name, value in made.items() if (name, value) != ("default", None)}

    @override
    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        if self.mode == "serialization":
            # Fields are added to responses without notice, so clients must accept unknown ones.
            made.pop("additionalProperties", None)
        return made


class Schemas:
    """The schemas of all operations, each under one name; `requests` and `responses` are examples by operation."""

    def __init__(self, endpoints: Sequence[Endpoint], *, requests: Schema, responses: Schema) -> None:
        models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "validation"): None}
        for endpoint in endpoints:
            models |= {(model, "validation"): None for model in (_whole(endpoint.body), endpoint.query) if model}
            if isinstance(endpoint.response, type) and issubclass(endpoint.response, BaseModel):
                models[endpoint.response, "serialization"] = None
        named, definitions = models_json_schema(list(models), ref_template=_REF + "{model}", schema_generator=_Readable)
        names = schema_names(definitions["$defs"])
        self._refs: dict[tuple[type[BaseModel], JsonSchemaMode], Schema] = {
            (model, mode): _renamed(ref, names) for (model, mode), ref in named.items() if issubclass(model, BaseModel)
        }
        self.components: Schema = {
            names[name]: _renamed(schema, names) for name, schema in definitions["$defs"].items()
        }
        self._queries = {model: self.components[self._name(model)] for model in {e.query for e in endpoints} if model}
        for model in self._queries:
            del self.components[self._name(model)]
        self._add_patches(endpoints)
        self._add_examples(endpoints, requests, responses)
        self.components = dict(sorted(self.components.items()))

    def body(self, model: type[BaseModel]) -> Schema:
        """A reference to the schema of a request's body."""
        if issubclass(model, Patch):
            return {"$ref": f"{_REF}{self._patch_name(model)}"}
        return self._refs[model, "validation"]

    def response(self, model: type[BaseModel]) -> Schema:
        """A reference to the schema of an operation's response."""
        return self._refs[model, "serialization"]

    def bodies(self, model: type[BaseModel], example_body: Any) -> Schema:
        """The media types of a body, each with its schema and an example."""
        schema = self.body(model)
        if issubclass(model, Patch):
            ways: Schema = dict.fromkeys(("application/merge-patch+json", "application/json"), schema)
        elif issubclass(model, PageForm):
            ways = dict.fromkeys((URL_ENCODED, "application/json"), schema)
        else:
            ways = {"application/json": schema}
            if issubclass(model, Form):
                ways[MEDIA_TYPE] = self._with_files(schema)
        return {way: {"schema": fields, "example": example_body} for way, fields in ways.items()}

    def _with_files(self, ref: Schema) -> Schema:
        fields = self.components[str(ref["$ref"]).removeprefix(_REF)]
        files = {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "maxItems": MOST_AT_ONCE,
            "description": f"Files to add, at most {MOST_AT_ONCE} and 4 MB together.",
        }
        return {**fields, "properties": {**fields["properties"], FILES: files}}

    def query(self, endpoint: Endpoint) -> list[Schema]:
        """The parameters of the query string."""
        if endpoint.query is None:
            return []
        schema = self._queries[endpoint.query]
        return [
            _parameter(name, dict(value), required=name in schema.get("required", ()))
            for name, value in schema["properties"].items()
        ]

    def _name(self, model: type[BaseModel], mode: JsonSchemaMode = "validation") -> str:
        return str(self._refs[model, mode]["$ref"]).removeprefix(_REF)

    def _patch_name(self, model: type[BaseModel]) -> str:
        return update_name(self._name(_whole(model) or model))

    def _add_patches(self, endpoints: Sequence[Endpoint]) -> None:
        bodies = {endpoint.body for endpoint in endpoints if endpoint.body}
        for model in bodies:
            if issubclass(model, Patch):
                whole = _whole(model) or model
                name = self._name(whole)
                partial = _partial(self.components[name])
                if whole not in bodies and f'"{_REF}{name}"' not in json.dumps(self.components):
                    del self.components[name]
                self.components[self._patch_name(model)] = partial

    def _add_examples(self, endpoints: Sequence[Endpoint], requests: Schema, responses: Schema) -> None:
        """Give each schema its fullest value in the examples of the operations, or a derived one."""
        found: dict[str, list[Any]] = defaultdict(list)
        for endpoint in endpoints:
            operation = operation_of(endpoint.handle)
            if endpoint.body is not None:
                self._collect(found, self.body(endpoint.body), requests[operation])
            if operation in responses:
                self._collect(found, self.response(endpoint.response), responses[operation])
        for name, schema in self.components.items():
            fullest = max(found[name], key=_filled, default=None)
            schema["examples"] = [example(schema, self.components) if fullest is None else fullest]

    def _collect(self, found: dict[str, list[Any]], schema: Schema, value: Any) -> None:
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix(_REF)
            found[name].append(value)
            schema = self.components[name]
        for choice in schema.get("anyOf", ()):
            if value is not None and choice != _NULL:
                self._collect(found, choice, value)
        for choice in schema.get("oneOf", ()):
            if self._has_all_fields(choice, value):
                self._collect(found, choice, value)
        if isinstance(value, dict):
            others = schema.get("additionalProperties")
            for name, inner in value.items():
                if isinstance(field := schema.get("properties", {}).get(name, others), dict):
                    self._collect(found, field, inner)
        for inner in value if isinstance(value, list) else ():
            self._collect(found, schema.get("items", {}), inner)

    def _has_all_fields(self, choice: Schema, value: Any) -> bool:
        """Whether one of several objects has all fields of a value."""
        properties = self.components[str(choice["$ref"]).removeprefix(_REF)]["properties"]
        return isinstance(value, dict) and value.keys() <= properties.keys()


def _filled(value: Any) -> int:
    """How many values an example has that are not null."""
    if isinstance(value, dict | list):
        return sum(map(_filled, value.values() if isinstance(value, dict) else value))
    return value is not None


def _whole(model: type[BaseModel] | None) -> type[BaseModel] | None:
    """The model that a merge patch is applied to; any other model is itself."""
    if model is None or not issubclass(model, Patch):
        return model
    whole: type[BaseModel] = model.__pydantic_generic_metadata__["args"][0]
    return whole


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    text = json.dumps(schema)
    return json.loads(re.sub(rf'"{_REF}([^"]+)"', lambda found: f'"{_REF}{names[found.group(1)]}"', text))


def _partial(whole: Schema) -> Schema:
    """RFC 7396: every field may be left out, and null removes it."""
    changes = {key: value for key, value in whole.items() if key not in ("required", "examples")}
    return changes | {
        "properties": {name: _removable(schema) for name, schema in whole["properties"].items()},
        "description": "JSON Merge Patch (RFC 7396): fields that are present change, null removes a field.",
    }


def _removable(schema: Schema) -> Schema:
    kept = {key: value for key, value in schema.items() if key != "default"}
    if _NULL in kept.get("anyOf", ()):
        return kept
    outside: Schema = {key: kept.pop(key) for key in ("description", "examples") if key in kept}
    return {"anyOf": [kept, _NULL], **outside}


def _parameter(name: str, schema: Schema, *, required: bool) -> Schema:
    description = schema.pop("description")
    choices = [choice for choice in schema.get("anyOf", ()) if choice != _NULL]
    if len(choices) == 1:
        del schema["anyOf"]
        schema |= choices[0]
        if schema.get("default", ...) is None:
            del schema["default"]
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def example(schema: Schema, components: Schema) -> Any:
    """A value that fits the schema: its first example, or the least allowed value."""
    if "$ref" in schema:
        return example(components[schema["$ref"].removeprefix(_REF)], components)
    for keyword in ("examples", "enum"):
        if schema.get(keyword):
            return schema[keyword][0]
    for keyword in ("const", "default"):
        if schema.get(keyword) is not None:
            return schema[keyword]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return example(choices[0], components)
    return _of_type(schema, components)


def _of_type(schema: Schema, components: Schema) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: example(properties[name], components) for name in _shown(schema)}
        case "array":
            return [example(schema["items"], components)]
        case "string":
            return _string(schema)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case other:
            return {"boolean": True, "null": None}[str(other)]


def _shown(schema: Schema) -> Sequence[str]:
    """The fields of a derived example: required ones and those with an example; if there are none, the first."""
    properties: Schema = schema.get("properties", {})
    required = schema.get("required", ())
    shown = [name for name, value in properties.items() if name in required or "examples" in value]
    return shown or list(properties)[:1]


def _string(schema: Schema) -> str:
    if (form := schema.get("format")) in _FORMATS:
        return _FORMATS[form]
    if (pattern := schema.get("pattern")) is None:
        return "text"
    if found := re.fullmatch(r"\^(\w+)_\[0-7\].*", pattern):
        return f"{found.group(1)}_{EXAMPLE_ULID}"
    raise ValueError(f"no example is known for {pattern}; give its type `examples`")
