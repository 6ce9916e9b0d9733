"""The definition of the gateway, derived from declarations without AWS."""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from infra import gateway
from infra.discovery import endpoints
from invoicing.http.declaration import Endpoint
from invoicing.http.problems import CONTENT_TYPE, Problem, type_of

ENDPOINTS = endpoints()
_METHODS = {"get", "head", "post", "put", "patch", "delete"}


def _definition(*origins: str) -> dict[str, Any]:
    return gateway.definition(
        ENDPOINTS,
        name="invoicing-dev",
        uri=lambda found: f"uri-of-{found.name}",
        authorizer_uri="auth",
        credentials="role",
        kept_seconds=300,
        origins=origins,
    )


def test_the_definition_is_valid_openapi() -> None:
    OpenAPIV30SpecValidator(_definition("https://app.example.com")).validate()


@pytest.mark.parametrize(("found", "declared"), ENDPOINTS, ids=lambda part: getattr(part, "name", ""))
def test_each_endpoint_is_a_route_to_its_function(found: Any, declared: Endpoint) -> None:
    operation = _definition()["paths"][declared.path][declared.method.lower()]
    integration = operation["x-amazon-apigateway-integration"]
    assert operation["operationId"] == found.name
    assert (integration["type"], integration["uri"], integration["credentials"]) == (
        "aws_proxy",
        f"uri-of-{found.name}",
        "role",
    )
    assert [parameter["name"] for parameter in operation["parameters"]] == list(declared.path_parameters)
    assert operation["security"] == ([] if declared.scope is None else [{"authorizer": [], "usage_key": []}])


def test_the_only_routes_are_those_of_endpoints() -> None:
    routes = {(path, method) for path, operations in _definition()["paths"].items() for method in operations}
    heads = {(declared.path, "head") for _, declared in ENDPOINTS if declared.takes_head}
    assert routes == heads | {(declared.path, declared.method.lower()) for _, declared in ENDPOINTS}


def test_only_links_are_public() -> None:
    opened = [
        (method, path)
        for path, operations in _definition()["paths"].items()
        for method, operation in operations.items()
        if not operation["security"]
    ]
    links = ["/downloads/{token}", "/pages/{page_token}", "/pages/{page_token}/{file}"]
    forms = [f"/pages/{{page_token}}/{name}" for name in ("comments", "renewals", "successor")]
    heads = [("head", path) for path in links[1:]]
    assert sorted(opened) == [*(("get", path) for path in links), *heads, *(("post", path) for path in forms)]


def test_the_caller_is_cached_by_one_header_for_five_minutes() -> None:
    scheme = _definition()["components"]["securitySchemes"]["authorizer"]
    authorizer = scheme["x-amazon-apigateway-authorizer"]
    assert authorizer == {
        "type": "request",
        "identitySource": "method.request.header.Authorization",
        "authorizerUri": "auth",
        "authorizerCredentials": "role",
        "authorizerResultTtlInSeconds": 300,
    }


def test_the_authorizer_names_the_usage_key_of_a_request() -> None:
    document = _definition()
    assert document["x-amazon-apigateway-api-key-source"] == "AUTHORIZER"
    scheme = document["components"]["securitySchemes"]["usage_key"]
    assert scheme == {"type": "apiKey", "in": "header", "name": "x-api-key"}


def test_the_embedded_gateway_has_no_usage_keys() -> None:
    document = gateway.definition(
        ENDPOINTS,
        name="invoicing-local",
        uri=lambda found: found.name,
        authorizer_uri="auth",
        credentials="role",
        kept_seconds=300,
        usage_keys=False,
    )
    assert "usage_key" not in json.dumps(document)
    assert "x-amazon-apigateway-api-key-source" not in document


@pytest.mark.parametrize(
    ("type_", "status", "code"),
    [
        ("UNAUTHORIZED", 401, "MISSING_CREDENTIALS"),
        ("MISSING_AUTHENTICATION_TOKEN", 404, "ROUTE_NOT_FOUND"),
        ("DEFAULT_4XX", 404, "ROUTE_NOT_FOUND"),
        ("REQUEST_TOO_LARGE", 413, "REQUEST_TOO_LARGE"),
        ("THROTTLED", 429, "TOO_MANY_REQUESTS"),
        ("INVALID_API_KEY", 500, "INTERNAL_ERROR"),
        ("AUTHORIZER_FAILURE", 500, "INTERNAL_ERROR"),
        ("INTEGRATION_TIMEOUT", 504, "TIMEOUT"),
        ("DEFAULT_5XX", 500, "INTERNAL_ERROR"),
    ],
)
def test_the_gateways_own_refusals_have_the_contracts_codes(type_: str, status: int, code: str) -> None:
    response = gateway.gateway_responses()[type_]
    body = json.loads(response["responseTemplates"]["application/json"])
    assert (response["statusCode"], body["status"], body["code"], body["type"]) == (
        str(status),
        status,
        code,
        type_of(code),
    )


def test_refusals_of_the_authorizer_keep_their_code() -> None:
    """C14: an API key and a token are refused with different codes, and only the authorizer knows the kind."""
    templates = {
        embedded: json.loads(
            gateway.gateway_responses(embedded=embedded)["ACCESS_DENIED"]["responseTemplates"]["application/json"]
        )
        for embedded in (False, True)
    }
    assert (templates[False]["code"], templates[False]["status"]) == ("$context.authorizer.code", 401)
    assert templates[False]["type"] == type_of("$context.authorizer.code")
    assert (templates[True]["code"], templates[True]["status"]) == ("INVALID_API_KEY", 401)


@pytest.mark.parametrize("type_", sorted(gateway.REFUSALS))
def test_the_gateways_refusals_look_like_those_of_functions(type_: str) -> None:
    response = gateway.gateway_responses()[type_]
    body = Problem.model_validate_json(response["responseTemplates"]["application/json"])
    assert body.instance == "$context.requestId"
    headers = response["responseParameters"]
    expected = {
        "gatewayresponse.header.X-Request-Id": "context.requestId",
        "gatewayresponse.header.Cache-Control": "'no-store'",
        "gatewayresponse.header.X-Content-Type-Options": "'nosniff'",
        "gatewayresponse.header.Content-Type": f"'{CONTENT_TYPE}'",
    }
    if (seconds := gateway.REFUSALS[type_].retry_after) is not None:
        expected["gatewayresponse.header.Retry-After"] = f"'{seconds}'"
    if response["statusCode"] == "401":
        expected["gatewayresponse.header.WWW-Authenticate"] = "'Bearer'"
    assert headers == expected


def test_without_origins_no_page_may_call() -> None:
    assert not any("options" in operations for operations in _definition()["paths"].values())
    assert "Access-Control" not in json.dumps([_definition(), gateway.gateway_responses()])


def test_pages_of_named_origins_may_call_every_route() -> None:
    for operations in _definition("https://a.example", "https://b.example")["paths"].values():
        preflight = operations["options"]["x-amazon-apigateway-integration"]
        answer = preflight["responses"]["default"]
        allowed = answer["responseParameters"]["method.response.header.Access-Control-Allow-Methods"]
        assert set(allowed.strip("'").lower().split(",")) == set(operations) & _METHODS
        assert preflight["contentHandling"] == "CONVERT_TO_TEXT"
        template = answer["responseTemplates"]["application/json"]
        assert '$origin == "https://a.example" || $origin == "https://b.example"' in template
        assert "*" not in template
