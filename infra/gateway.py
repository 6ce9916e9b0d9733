"""The API Gateway's definition, made of the declarations: routes, integrations, who may call, and its own refusals."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from infra.discovery import DeclaredFunction
from infra.error_codes import (
    INTERNAL_ERROR,
    MISSING_CREDENTIALS,
    NO_ROUTE,
    REQUEST_BLOCKED,
    TIMEOUT,
    TOO_MANY_REQUESTS,
    UNSUPPORTED_MEDIA_TYPE,
    ErrorCode,
    declared,
)
from infra.gateway_mock import mock
from invoicing import config
from invoicing.core.errors import Invalid, TooLarge, Unauthenticated
from invoicing.http import problems
from invoicing.http.declaration import Endpoint
from invoicing.http.responses import headers_for

Document = dict[str, Any]
_AUTHORIZER = "authorizer"
_USAGE_KEY = "usage_key"
_TIMEOUT_MS = 29_000


_MALFORMED = declared(Invalid)
_FROM_THE_AUTHORIZER = ErrorCode(401, "$context.authorizer.code", "$context.authorizer.title", "")

REFUSALS: Mapping[str, ErrorCode] = {
    "UNAUTHORIZED": MISSING_CREDENTIALS,
    # The authorizer denies unknown credentials only. The functions check the scopes.
    "ACCESS_DENIED": declared(Unauthenticated),
    # To the gateway, a request without a route is one that IAM refused; with an Authorization header
    # it even is one with a broken signature.
    "MISSING_AUTHENTICATION_TOKEN": NO_ROUTE,
    "INVALID_SIGNATURE": NO_ROUTE,
    "EXPIRED_TOKEN": NO_ROUTE,
    "RESOURCE_NOT_FOUND": NO_ROUTE,
    "DEFAULT_4XX": NO_ROUTE,
    "BAD_REQUEST_BODY": _MALFORMED,
    "BAD_REQUEST_PARAMETERS": _MALFORMED,
    "REQUEST_TOO_LARGE": declared(TooLarge),
    "UNSUPPORTED_MEDIA_TYPE": UNSUPPORTED_MEDIA_TYPE,
    "THROTTLED": TOO_MANY_REQUESTS,
    "QUOTA_EXCEEDED": TOO_MANY_REQUESTS,
    "WAF_FILTERED": REQUEST_BLOCKED,
    # The usage key that the authorizer named does not exist, which no client can change.
    "INVALID_API_KEY": INTERNAL_ERROR,
    "INTEGRATION_FAILURE": INTERNAL_ERROR,
    "INTEGRATION_TIMEOUT": TIMEOUT,
    "API_CONFIGURATION_ERROR": INTERNAL_ERROR,
    "AUTHORIZER_CONFIGURATION_ERROR": INTERNAL_ERROR,
    "AUTHORIZER_FAILURE": INTERNAL_ERROR,
    "DEFAULT_5XX": INTERNAL_ERROR,
}


def definition(  # noqa: PLR0913 — the fields of a document
    endpoints: Iterable[tuple[DeclaredFunction, Endpoint]],
    *,
    name: str,
    uri: Callable[[DeclaredFunction], str],
    authorizer_uri: str,
    credentials: str,
    kept_seconds: int,
    origins: Sequence[str] = (),
    usage_keys: bool = True,
    pages: Mapping[str, Document] | None = None,
) -> Document:
    """The OpenAPI 3.0 document that the gateway imports.

    `credentials` is the role with which it calls functions, `kept_seconds` the time to cache the authorizer's response.
    `usage_keys`: whether each request with credentials counts towards the usage key that the authorizer names.
    `pages` are further paths, which are public and run no function.
    """
    schemes: dict[str, Document] = {_AUTHORIZER: _authorizer(authorizer_uri, credentials, kept_seconds)}
    if usage_keys:
        schemes[_USAGE_KEY] = {"type": "apiKey", "in": "header", "name": "x-api-key"}
    paths: dict[str, Document] = defaultdict(dict)
    for found, endpoint in endpoints:
        operation = _operation(found, endpoint, uri(found), credentials, schemes)
        paths[endpoint.path][endpoint.method.lower()] = operation
        if endpoint.takes_head:
            paths[endpoint.path]["head"] = {**operation, "operationId": f"{found.name}_head"}
    if origins:
        for path, operations in paths.items():
            operations["options"] = _preflight(path, sorted(operations), origins)
    document = {
        "openapi": "3.0.1",
        "info": {"title": name, "version": "1"},
        "paths": {**paths, **(pages or {})},
        "components": {"securitySchemes": schemes},
    }
    # No client sends this key: the authorizer names it.
    return document | ({"x-amazon-apigateway-api-key-source": "AUTHORIZER"} if usage_keys else {})


def _authorizer(uri: str, credentials: str, kept_seconds: int) -> Document:
    authorizer = {
        "type": "request",
        "identitySource": "method.request.header.Authorization",
        "authorizerUri": uri,
        "authorizerCredentials": credentials,
        "authorizerResultTtlInSeconds": kept_seconds,
    }
    return {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": authorizer,
    }


def gateway_responses(
    origins: Sequence[str] = (), *, embedded: bool = False, error_pages: str = config.DEFAULT_ERROR_PAGES
) -> dict[str, Document]:
    """The gateway's own errors, as problem details like those of functions."""
    # The embedded gateway does not know the context that its authorizer returned.
    refusals = REFUSALS if embedded else {**REFUSALS, "ACCESS_DENIED": _FROM_THE_AUTHORIZER}
    return {type_: _response(refusal, error_pages, cors=bool(origins)) for type_, refusal in refusals.items()}


def _operation(
    found: DeclaredFunction, endpoint: Endpoint, uri: str, credentials: str, schemes: Iterable[str]
) -> Document:
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": uri,
        "credentials": credentials,
        "passthroughBehavior": "when_no_match",
        "timeoutInMillis": _TIMEOUT_MS,
    }
    return {
        "operationId": found.name,
        "parameters": _variables(endpoint.path_parameters),
        "security": [] if endpoint.scope is None else [{scheme: [] for scheme in schemes}],
        "responses": {"default": {"description": "The response of the function."}},
        "x-amazon-apigateway-integration": integration,
    }


def _variables(names: Iterable[str]) -> list[Document]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _response(refusal: ErrorCode, error_pages: str, *, cors: bool) -> Document:
    body = problems.Problem(
        type=f"{error_pages}/{refusal.code}",
        title=refusal.title,
        status=refusal.status,
        detail=refusal.title,
        instance="$context.requestId",
        code=refusal.code,
    )
    request_id = "context.requestId"
    headers = {
        name: value if value == request_id else f"'{value}'"
        for name, value in (headers_for(request_id) | {"Content-Type": problems.CONTENT_TYPE}).items()
    }
    if refusal.retry_after is not None:
        headers["Retry-After"] = f"'{refusal.retry_after}'"
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "'Bearer'"
    if cors:
        # These errors contain no business data, so pages of any origin may read them.
        headers["Access-Control-Allow-Origin"] = "'*'"
    return {
        "statusCode": str(refusal.status),
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        "responseTemplates": {"application/json": body.model_dump_json(exclude_none=True)},
    }


def _preflight(path: str, methods: Sequence[str], origins: Sequence[str]) -> Document:
    """The response to a CORS preflight request of a browser."""
    variables = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    allowed = {
        "Access-Control-Allow-Methods": ",".join(method.upper() for method in methods),
        "Access-Control-Allow-Headers": "Authorization,Content-Type,Idempotency-Key,If-Match",
        "Access-Control-Max-Age": "600",
        "Cache-Control": "no-store",
        "Vary": "Origin",
    }
    # The template language has no literal for lists that may be searched, so each origin is compared.
    known = " || ".join(f'$origin == "{origin}"' for origin in origins)
    template = (
        '#set($origin = $input.params().header.get("Origin"))'
        f"#if({known})#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end"
    )
    headers = [*allowed, "Access-Control-Allow-Origin"]
    return {
        "parameters": _variables(variables),
        "security": [],
        "responses": {
            "204": {
                "description": "What is allowed.",
                "headers": {name: {"schema": {"type": "string"}} for name in headers},
            }
        },
        "x-amazon-apigateway-integration": mock(204, allowed, template),
    }
