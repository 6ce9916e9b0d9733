"""The OpenAPI document: valid, complete, and not changed unnoticed."""

import json
import re
from pathlib import Path

import pytest
from jsonschema_rs import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra import openapi
from infra.discovery import DeclaredFunction, endpoints
from infra.openapi_names import NAMES, schema_names
from invoicing.http.declaration import Endpoint
from invoicing.http.patch import Patch
from invoicing.http.problems import CONTENT_TYPE, status_of
from invoicing.webhooks.delivery import body_of
from invoicing.webhooks.subscribable import SUBSCRIBABLE
from tests.answers import document, followed, operation, require_fit

GOLDEN = Path(__file__).parent / "openapi.json"
EVENTS = GOLDEN.with_name("events.json")
RENEW = "uv run invoicing openapi --output tests/contract/openapi.json"
ENDPOINTS = [pytest.param(function, endpoint, id=function.name) for function, endpoint in endpoints()]
DOCUMENT = document()


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_webhooks_are_the_events_that_endpoints_can_subscribe_to() -> None:
    assert DOCUMENT["webhooks"].keys() == SUBSCRIBABLE


def test_messages_of_webhooks_fit_the_document() -> None:
    samples = json.loads(EVENTS.read_text(encoding="utf-8"))["samples"]
    for name, item in DOCUMENT["webhooks"].items():
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        for thin in (True, False):
            message = json.loads(body_of(samples[name], thin=thin))
            require_fit(message, schema)
            with pytest.raises(ValidationError):
                require_fit(message | {"type": "invoice.unknown"}, schema)


def test_the_document_equals_the_committed_file() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == openapi.text(), f"If the change is meant: {RENEW}"


@pytest.mark.parametrize(("function", "endpoint"), ENDPOINTS)
def test_an_operation_is_documented_as_its_function_declares(function: DeclaredFunction, endpoint: Endpoint) -> None:
    told = operation(endpoint)
    assert told["operationId"] == function.name
    assert told["tags"] == [function.file.parent.name.replace("_", " ")]
    assert told["summary"]
    assert (endpoint.scope is None) == (told["security"] == [])
    assert endpoint.scope is None or f"`{endpoint.scope}`" in told["description"]


@pytest.mark.parametrize(("function", "endpoint"), ENDPOINTS)
def test_each_declared_error_is_documented_under_its_status(function: DeclaredFunction, endpoint: Endpoint) -> None:
    assert function.name
    told = operation(endpoint)
    for error in endpoint.raises:
        problem = followed(told["responses"][str(status_of(error))])["content"][CONTENT_TYPE]
        assert error.code in problem["examples"]
        assert f"`{error.code}`" in told["description"]


@pytest.mark.parametrize(("function", "endpoint"), ENDPOINTS)
def test_path_variables_and_headers_of_changes_are_parameters(function: DeclaredFunction, endpoint: Endpoint) -> None:
    assert function.name
    parameters = [followed(each) for each in operation(endpoint)["parameters"]]
    in_path = [each["name"] for each in parameters if each["in"] == "path"]
    headers = {each["name"] for each in parameters if each["in"] == "header"}
    assert in_path == list(endpoint.path_parameters)
    # The forms in pages send no headers of their own.
    changes = endpoint.method != "GET" and endpoint.scope is not None
    assert ("Idempotency-Key" in headers) == changes
    assert ("If-Match" in headers) == (changes and (endpoint.method in ("PATCH", "PUT") or bool(in_path)))
    for each in parameters:
        for value in each["schema"].get("examples", ()):
            require_fit(value, each["schema"])


@pytest.mark.parametrize(
    ("function", "endpoint"),
    [case for case in ENDPOINTS if isinstance(case.values[1], Endpoint) and case.values[1].body is not None],
)
def test_the_function_accepts_the_example_of_its_body(function: DeclaredFunction, endpoint: Endpoint) -> None:
    assert endpoint.body is not None, function.name
    for content in operation(endpoint)["requestBody"]["content"].values():
        schema = followed(content["schema"])
        for value in schema["examples"]:
            require_fit(value, content["schema"])
            if not issubclass(endpoint.body, Patch):
                endpoint.body.model_validate_json(json.dumps(value))


def test_every_response_names_its_request() -> None:
    for path in DOCUMENT["paths"].values():
        for told in path.values():
            for response in told["responses"].values():
                assert "X-Request-Id" in followed(response)["headers"]


def test_clients_must_accept_new_fields_in_responses() -> None:
    for path in DOCUMENT["paths"].values():
        for told in path.values():
            for response in told["responses"].values():
                for content in followed(response).get("content", {}).values():
                    assert "additionalProperties" not in followed(content["schema"])


def test_every_example_of_a_problem_is_one() -> None:
    assert DOCUMENT["components"]["examples"]
    for code, example in DOCUMENT["components"]["examples"].items():
        assert example["value"]["code"] == code
        require_fit(example["value"], {"$ref": "#/components/schemas/Problem"})


def test_no_schema_is_left_that_nothing_refers_to() -> None:
    text = json.dumps(DOCUMENT)
    unused = [name for name in DOCUMENT["components"]["schemas"] if f'"#/components/schemas/{name}"' not in text]
    assert unused == []


def test_schemas_are_named_after_their_resources() -> None:
    private = re.compile(r"Input|Output|Data$|Patch$|^_|_|^(New|Changed|Set|Add|Put|Create)[A-Z]")
    assert [name for name in DOCUMENT["components"]["schemas"] if private.search(name)] == []
    for path, method, name in (
        ("/invoices", "post", "InvoiceCreate"),
        ("/invoices/{invoice_id}", "patch", "InvoiceUpdate"),
        ("/customers", "post", "CustomerCreate"),
    ):
        content = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]
        assert content["schema"] == {"$ref": f"#/components/schemas/{name}"}


def test_every_public_name_is_one_of_a_schema() -> None:
    names = set(DOCUMENT["components"]["schemas"])
    assert [name for name in NAMES.values() if name not in names] == []


def test_two_schemas_never_share_a_name() -> None:
    with pytest.raises(ValueError, match="same name"):
        schema_names(["Line", "ChangedLine", "LineUpsert"])
