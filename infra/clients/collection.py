"""The Postman collection (format 2.1), made of the OpenAPI document: one request for each operation, with its examples.

Bruno, Insomnia and Hoppscotch import it too. A request that creates a resource keeps its id in a variable, and later
requests use it: sent in order, they need no ids by hand.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from infra import openapi
from infra.openapi_schemas import Schema

_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_LOCAL = "http://127.0.0.1:4566/v1"
_FILES = "multipart/form-data"


def collection() -> dict[str, Any]:
    """The whole collection, the same for the same document."""
    document = openapi.document()
    folders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, method, operation in _operations(document):
        folders[operation["tags"][0]].append(_item(path, method, operation, document))
    variables = {"base_url": _LOCAL, "api_key": ""} | dict.fromkeys(_ids(document), "")
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "schema": _FORMAT,
        },
        "auth": _bearer("{{api_key}}"),
        "variable": [{"key": name, "value": value} for name, value in variables.items()],
        "item": [
            {"name": tag["name"], "description": tag["description"], "item": folders[tag["name"]]}
            for tag in document["tags"]
        ],
    }


def text() -> str:
    """The collection as the text that is printed and served."""
    return json.dumps(collection(), indent=1, ensure_ascii=False) + "\n"


def _operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _ids(document: Schema) -> list[str]:
    """The path parameters of all operations, each once."""
    return list(dict.fromkeys(name for path in document["paths"] for name in re.findall(r"\{(\w+)\}", path)))


def _bearer(token: str) -> dict[str, Any]:
    return {"type": "bearer", "bearer": [{"key": "token", "value": token, "type": "string"}]}


def _item(path: str, method: str, operation: Schema, document: Schema) -> dict[str, Any]:
    parameters = [_followed(one, document) for one in operation["parameters"]]
    body, media_type = _body(operation, document)
    headers = [
        {"key": "Idempotency-Key", "value": "{{$guid}}", "description": one["description"]}
        if one["name"] == "Idempotency-Key"
        else {"key": one["name"], "value": "", "description": one["description"], "disabled": True}
        for one in parameters
        if one["in"] == "header"
    ]
    if media_type is not None and media_type != _FILES:
        headers.append({"key": "Content-Type", "value": media_type})
    request: dict[str, Any] = {
        "method": method,
        "description": operation["description"],
        "header": headers,
        "url": _url(path, [one for one in parameters if one["in"] == "query"]),
        **({"body": body} if body else {}),
        **({} if operation["security"] else {"auth": {"type": "noauth"}}),
    }
    item = {"name": operation["summary"], "request": request, "response": _responses(operation, request)}
    return item | {"event": _kept_id(path, method, document)}


def _url(path: str, query: list[Schema]) -> dict[str, Any]:
    """Path parameters are variables of the collection; query parameters are switched off."""
    filled = re.sub(r"\{(\w+)\}", r"{{\1}}", path)
    return {
        "raw": f"{{{{base_url}}}}{filled}",
        "host": ["{{base_url}}"],
        "path": filled.strip("/").split("/"),
        "query": [
            {"key": one["name"], "value": "", "description": one["description"], "disabled": True} for one in query
        ],
    }


def _body(operation: Schema, document: Schema) -> tuple[dict[str, Any] | None, str | None]:
    """The example body of an operation, and its media type."""
    content = operation.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), None)
    if media_type is None:
        return None, None
    example = _with_variables(content[media_type]["example"], _ids(document))
    raw = json.dumps(example, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}, media_type


def _with_variables(example: Any, names: list[str]) -> Any:
    """An example whose ids of other resources are the variables of the collection."""
    if not isinstance(example, dict):
        return example
    ids = [name for name in names if name.endswith("_id")]
    return {name: f"{{{{{name}}}}}" if name in ids else value for name, value in example.items()}


def _responses(operation: Schema, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The successful responses with an example."""
    return [
        {
            "name": response["description"],
            "originalRequest": request,
            "code": int(status),
            "header": [{"key": "Content-Type", "value": media_type}],
            "body": json.dumps(content["example"], indent=2, ensure_ascii=False),
            "_postman_previewlanguage": "json",
        }
        for status, response in operation["responses"].items()
        for media_type, content in response.get("content", {}).items()
        if "example" in content and media_type.endswith("json")
    ]


def _kept_id(path: str, method: str, document: Schema) -> list[dict[str, Any]]:
    """The script that keeps the id of a new resource for the requests whose path contains it."""
    found = [re.fullmatch(rf"{re.escape(path)}/\{{(\w+)\}}(/.*)?", other) for other in document["paths"]]
    names = {match.group(1) for match in found if match}
    if method != "POST" or len(names) != 1:
        return []
    script = [
        "const created = pm.response.code === 201 ? pm.response.json() : {};",
        f'if (created.id) pm.collectionVariables.set("{names.pop()}", created.id);',
    ]
    return [{"listen": "test", "script": {"type": "text/javascript", "exec": script}}]


def _followed(parameter: Schema, document: Schema) -> Schema:
    if "$ref" not in parameter:
        return parameter
    found: Schema = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found
