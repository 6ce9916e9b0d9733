"""Checks of responses against the OpenAPI document."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry

from infra import openapi
from infra.error_codes import possible
from invoicing.http.declaration import Endpoint
from invoicing.http.problems import CONTENT_TYPE
from invoicing.http.responses import headers_for

Document = dict[str, Any]


@cache
def document() -> Document:
    """The OpenAPI document of all endpoints."""
    return openapi.document()


def operation(endpoint: Endpoint) -> Document:
    """The description of an endpoint in the document."""
    found: Document = document()["paths"][endpoint.path][endpoint.method.lower()]
    return found


def followed(thing: Document) -> Document:
    """The target of a reference."""
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
    """The example body of an endpoint in the document; None if it has no body."""
    contents = operation(endpoint).get("requestBody", {}).get("content", {}).values()
    return next((content["example"] for content in contents), None)


def require_promised(endpoint: Endpoint, status: int, headers: Mapping[str, str], text: str) -> None:
    """Refuse a response that does not match the document: its status, headers, code and every field."""
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
    content = contents[headers["Content-Type"].partition(";")[0]]
    if headers["Content-Type"] == CONTENT_TYPE:
        code = json.loads(text)["code"]
        assert code in content["examples"], f"{endpoint.method} {endpoint.path} does not promise {status} {code}"
        [wait] = (one.retry_after for one in possible(endpoint) if one.code == code)
        sent = headers.get("Retry-After")
        assert sent == (None if wait is None else str(wait)), f"{code} has the header Retry-After: {sent}"
    if headers["Content-Type"].endswith("json"):
        require_fit(json.loads(text), content["schema"])


@cache
def _validator(schema: str) -> Draft202012Validator:
    # References begin at the document, so the schema is resolved within it.
    absolute = json.loads(schema.replace('"#/', '"urn:document#/'))
    return Draft202012Validator(absolute, registry=_registry(), validate_formats=True)


@cache
def _registry() -> Registry:
    return Registry([("urn:document", document())])
