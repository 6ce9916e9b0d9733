"""The OpenAPI 3.1 document for readers and client generators, made of nothing but the functions' declarations."""

import ast
import inspect
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from infra.descriptions import parameter
from infra.discovery import ROOT, DeclaredFunction, InvalidDeclaration, endpoints
from infra.error_codes import ErrorCode, changes, every, possible
from infra.examples import REQUESTS, RESPONSES
from infra.openapi_schemas import Schema, Schemas, example
from infra.openapi_webhooks import PARAMETERS, SCHEMAS, TAG, webhooks
from invoicing.core.errors import Invalid
from invoicing.http import problems
from invoicing.http.declaration import Endpoint
from invoicing.http.lists.rows import header
from invoicing.http.responses import FILES, HTML, JSON, Csv, Redirect
from invoicing.invoices.lifecycle import LIFECYCLE

INTRODUCTION = """\
Invoices from draft to paid: numbered without gaps, exact to the cent, with every change in their timeline.

* **Credentials**: `Authorization: Bearer <token>` (API key or OIDC token) or `Authorization: Api-Key <key>`.
* **Money** is a decimal string in the major unit, `"119.00"`; rates are percent, `"19"`.
* **Time**: instants are UTC, dates are the tenant's; both lie between 1900-01-01 and 2200-12-31.
* **Limits**: a body has at most 1 MB (4 MB of files), 32 levels, 1,000 entries an array and 1,000 fields an object;
  an error names the first 100 mistakes.
* **Idempotency**: a change that is sent several times with the same `Idempotency-Key` has its effect once.
* **Concurrency**: `ETag` is a resource's version; `If-Match` refuses a change to any other.
* **Lists** come in pages; `next_cursor` leads to the next one. With `Accept: text/csv`, each list is a CSV file of all
  its entries, whatever the `limit`; one above 4 MB is at the URL of a redirect. Columns are added: read them by name.
* **Errors** are problem details (RFC 9457) with a stable `code`; `type` is the page that documents it, and `errors[]`
  points at each field that is wrong.
* Tolerate fields and values that this document does not name: they are added without notice.
"""
_RESPONSES = "#/components/responses/"
_REQUEST_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
_PARAMETERS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Key of this change, 1 to 255 characters, such as a UUID. A repeated request with the same key "
        "changes nothing and gets the first response again, for at least 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "examples": ["order-4711"]},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "ETag of the version to change. The change is refused if the resource has another version.",
        "schema": {"type": "string", "examples": ['"3"']},
    },
}
_HEADERS: dict[str, Schema] = {
    "RequestId": {"description": "Identifier of the request, for support.", "schema": {"type": "string"}},
    "ETag": {"description": "Version of the resource, for If-Match.", "schema": {"type": "string"}},
    "Link": {
        "description": 'With `rel="next"`: the CSV file with the rest of the list, if it is too long for one.',
        "schema": {"type": "string"},
    },
    "Location": {"description": "URL of the resource.", "schema": {"type": "string", "format": "uri-reference"}},
    "IdempotencyReplayed": {
        "description": "`true` if this is the stored response to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    },
    "RetryAfter": {
        "description": "Number of seconds after which a retry can succeed.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
_DESCRIPTIONS = {
    200: "The request succeeded.",
    201: "The resource was created.",
    202: "The request was accepted and is processed later.",
    204: "The request succeeded; the response has no body.",
    302: "The file is at the URL in `Location`.",
    303: "The file is too large for a response. It is at the URL in `Location`, for five minutes.",
}
_NEXT_PAGE = "The page to show next is at the URL in `Location`."
_MISTAKE = {"pointer": "/lines/0/name", "code": Invalid.code, "message": "Field required"}
_SECURITY: dict[str, Schema] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key or an OIDC token. `Authorization: Api-Key <key>` is accepted as well.",
    }
}
Refusals = dict[int, list[ErrorCode]]
"""The codes of an operation by status."""


@cache
def document() -> Schema:
    """The whole document, the same bytes for the same declarations. It is made once, so nobody may change it."""
    functions = endpoints()
    declared = [endpoint for _, endpoint in functions]
    schemas = Schemas(declared, requests=REQUESTS, responses=RESPONSES)
    problem = _problem_example(every()[Invalid.code][0])["value"] | {"errors": [_MISTAKE]}
    schemas.components["Problem"]["properties"]["code"]["enum"] = list(every())
    schemas.components["Problem"]["examples"] = [problem]
    schemas.components["ProblemError"]["examples"] = [_MISTAKE]
    paths: dict[str, dict[str, Schema]] = defaultdict(dict)
    for function, endpoint in functions:
        paths[endpoint.path][endpoint.method.lower()] = _operation(function, endpoint, schemas)
    responses = {
        _response_name(endpoint, codes): _refused(endpoint, codes)
        for endpoint in declared
        for codes in _refusals(endpoint).values()
    }
    return {
        "openapi": "3.1.1",
        "info": {"title": "Invoicing API", "version": "1.0.0", "description": INTRODUCTION},
        "servers": [{"url": "/v1"}],
        "tags": [
            *(
                {"name": tag, "description": description}
                for tag, description in sorted(
                    {(_tag(function), _about(function.file.parent)) for function, _ in functions}
                )
            ),
            TAG,
        ],
        "paths": dict(paths),
        "webhooks": webhooks(),
        "components": {
            "schemas": schemas.components | SCHEMAS,
            "parameters": _PARAMETERS | PARAMETERS,
            "headers": _HEADERS,
            "responses": dict(sorted(responses.items())),
            "securitySchemes": _SECURITY,
            "examples": {code: _problem_example(one) for code, (one, _) in every().items()},
        },
    }


def text() -> str:
    """The document as the text that is printed, served and stored."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _operation(function: DeclaredFunction, endpoint: Endpoint, schemas: Schemas) -> Schema:
    summary, _, rest = inspect.cleandoc(endpoint.handle.__doc__ or "").partition("\n")
    refusals = _refusals(endpoint)
    operation: Schema = {
        "operationId": function.name,
        "tags": [_tag(function)],
        "summary": summary.rstrip("."),
        "description": "\n\n".join(
            filter(None, (rest.strip(), _needs(endpoint), _allowed(endpoint), _list_of(refusals)))
        ),
        "security": [{name: [endpoint.scope]} for name in _SECURITY] if endpoint.scope else [],
        "parameters": [*_path(endpoint), *schemas.query(endpoint), *_headers_taken(endpoint)],
        "responses": {
            **{str(status): _success(function, endpoint, status, schemas) for status in _statuses(endpoint)},
            **{
                str(status): {"$ref": _RESPONSES + _response_name(endpoint, codes)}
                for status, codes in sorted(refusals.items())
            },
        },
    }
    if endpoint.body is not None:
        content = schemas.bodies(endpoint.body, _example(function))
        operation["requestBody"] = {"required": endpoint.body_required, "content": content}
    return operation


def _about(folder: Path) -> str:
    """The description of a folder of functions: the docstring of its `__init__.py`."""
    file = ROOT / folder / "__init__.py"
    described = ast.get_docstring(ast.parse(file.read_text())) if file.exists() else None
    if described is None:
        raise InvalidDeclaration(f"{folder}/__init__.py has no docstring that describes the folder's operations")
    return described


def _example(function: DeclaredFunction) -> object:
    """The example of an operation's body."""
    if function.name not in REQUESTS:
        raise InvalidDeclaration(f"{function.file} takes a body; add its example to REQUESTS in infra/examples.py")
    return REQUESTS[function.name]


def _tag(function: DeclaredFunction) -> str:
    """The folder of the function."""
    return function.file.parent.name.replace("_", " ")


def _needs(endpoint: Endpoint) -> str:
    if endpoint.scope is None:
        return "Requires no credentials."
    return f"Scope: `{endpoint.scope}`." + (
        " Portal users can use it for their own documents." if endpoint.portal else ""
    )


def _allowed(endpoint: Endpoint) -> str | None:
    """The states that allow it, by type of document, from the one table."""
    if endpoint.action is None:
        return None
    found = {type_: moves.get(endpoint.action, {}) for type_, moves in LIFECYCLE.items()}
    states = [f"{type_.replace('_', ' ')}: {', '.join(moves)}" for type_, moves in found.items() if moves]
    return f"Allowed for {'; '.join(states)}."


def _list_of(refusals: Refusals) -> str:
    lines = [f"* {one.status} `{one.code}`: {one.title}" for codes in refusals.values() for one in codes]
    return "\n".join(("Errors:", "", *lines))


def _path(endpoint: Endpoint) -> list[Schema]:
    found = []
    for name, type_ in endpoint.path_parameters.items():
        schema = TypeAdapter(type_).json_schema()
        schema["examples"] = [example(schema, {})]
        text = {"description": parameter(endpoint.handle, name)}
        found.append({"name": name, "in": "path", "required": True, **text, "schema": schema})
    return found


def _headers_taken(endpoint: Endpoint) -> list[Schema]:
    if not changes(endpoint):
        return []
    names = ["IdempotencyKey", "IfMatch"] if endpoint.has_version else ["IdempotencyKey"]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _statuses(endpoint: Endpoint) -> tuple[int, ...]:
    if endpoint.response is type(None):
        return (204,)
    if endpoint.response is Redirect:
        return (endpoint.status,)
    if endpoint.redirects_large_files:
        return (endpoint.status, 303)
    others = [201] * endpoint.upserts + [200] * (endpoint.dry_runs or endpoint.recognizes)
    return tuple(dict.fromkeys([endpoint.status, *others]))


def _success(function: DeclaredFunction, endpoint: Endpoint, status: int, schemas: Schemas) -> Schema:
    model = (
        endpoint.response if isinstance(endpoint.response, type) and issubclass(endpoint.response, BaseModel) else None
    )
    headers = {"X-Request-Id": "RequestId"}
    if model is not None and "version" in model.model_fields:
        headers["ETag"] = "ETag"
    if status in (201, 302, 303) or (status == 202 and endpoint.starts_job):
        headers["Location"] = "Location"
    if changes(endpoint):
        headers["Idempotency-Replayed"] = "IdempotencyReplayed"
    response: Schema = {
        "description": _NEXT_PAGE if status == 303 and endpoint.response is Redirect else _DESCRIPTIONS[status],
        "headers": {name: {"$ref": f"#/components/headers/{kept}"} for name, kept in headers.items()},
    }
    content: dict[str, Schema] = {
        type_: {"schema": {"type": "string"} if type_ == HTML else {"type": "string", "format": "binary"}}
        for type_ in endpoint.media_types
    }
    if endpoint.paginates:
        response["headers"]["Link"] = {"$ref": "#/components/headers/Link"}
        described = "One line for each entry of the whole list, after a line with the names of the columns."
        content[FILES[Csv]] = {
            "schema": {"type": "string", "description": described},
            "example": header(endpoint.entry),
        }
    if model is not None:
        shown = {"example": RESPONSES[function.name]} if function.name in RESPONSES else {}
        content[JSON] = {"schema": schemas.response(model), **shown}
    if status not in (204, 302, 303):
        response["content"] = content
    return response


def _refusals(endpoint: Endpoint) -> Refusals:
    found: Refusals = defaultdict(list)
    for one in possible(endpoint):
        found[one.status].append(one)
    return found


def _response_name(endpoint: Endpoint, codes: Iterable[ErrorCode]) -> str:
    names = [one.code for one in codes]
    return ".".join(names if endpoint.error_page is None else [*names, "page"])


def _refused(endpoint: Endpoint, codes: Sequence[ErrorCode]) -> Schema:
    headers = {"X-Request-Id": "RequestId"}
    if any(one.retry_after is not None for one in codes):
        headers["Retry-After"] = "RetryAfter"
    content: Schema = {
        problems.CONTENT_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": {one.code: {"$ref": f"#/components/examples/{one.code}"} for one in codes},
        }
    }
    if endpoint.error_page is not None:
        content[HTML] = {"schema": {"type": "string"}}
    return {
        "description": " ".join(f"`{one.code}`" for one in codes),
        "headers": {name: {"$ref": f"#/components/headers/{kept}"} for name, kept in headers.items()},
        "content": content,
    }


def _problem_example(one: ErrorCode) -> Schema:
    problem = problems.Problem(
        type=problems.type_of(one.code),
        title=one.title,
        status=one.status,
        detail=one.title,
        instance=_REQUEST_ID,
        code=one.code,
    )
    return {"summary": one.title, "value": problem.model_dump(mode="json", exclude_none=True)}
