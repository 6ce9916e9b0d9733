"""What the API's document promises, and whether an answer keeps it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource

from infra import openapi
from invoicing.http.declaration import Endpoint
from invoicing.http.problems import CONTENT_TYPE
from invoicing.http.responses import headers_for

Document = dict[str, Any]


@cache
def document() -> Document:
    """The OpenAPI document of all endpoints."""
    return openapi.document()


def operation(endpoint: Endpoint) -> Document:
    """What the document says about an endpoint."""
    found: Document = document()["paths"][endpoint.path][endpoint.method.lower()]
    return found


def followed(thing: Document) -> Document:
    """What a reference leads to."""
    while "$ref" in thing:
        found: Any = document()
        for part in thing["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        thing = found
    return thing


def require_fit(value: Any, schema: Document) -> None:
    """Refuse a value that does not fit a schema of the document."""
    _validator(json.dumps(schema)).validate(value)


def example_body(endpoint: Endpoint) -> Any:
    """The body that the document shows for an endpoint; None where it takes none."""
    contents = operation(endpoint).get("requestBody", {}).get("content", {}).values()
    return next((content["example"] for content in contents), None)


def require_promised(endpoint: Endpoint, status: int, headers: Mapping[str, str], text: str) -> None:
    """Refuse an answer that the document does not promise: its status, headers, code and every field."""
    missing = {name for name in headers_for("") if name not in headers}
    assert not missing, f"{endpoint.path} answers without {missing}"
    responses = operation(endpoint)["responses"]
    assert str(status) in responses, f"{endpoint.method} {endpoint.path} does not promise a {status}: {text}"
    promised = followed(responses[str(status)])
    assert "Retry-After" not in headers or "Retry-After" in promised["headers"], f"{endpoint.path} {status}: {text}"
    contents = promised.get("content", {})
    if not contents:
        assert not text, f"{endpoint.path} promises no body with {status}: {text}"
        return
    content = contents[headers["Content-Type"]]
    if headers["Content-Type"] == CONTENT_TYPE:
        code = json.loads(text)["code"]
        assert code in content["examples"], f"{endpoint.method} {endpoint.path} does not promise {status} {code}"
    if headers["Content-Type"].endswith("json"):
        require_fit(json.loads(text), content["schema"])


@cache
def _validator(schema: str) -> Validator:
    # References begin at the document, so that is what the schema is looked at in.
    registry = Registry[Any]().with_resource("urn:document", Resource.opaque(document()))
    absolute = json.loads(schema.replace('"#/', '"urn:document#/'))
    return Draft202012Validator(absolute, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
