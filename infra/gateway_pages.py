"""The routes of the gateway to the pages that document the API. They read files in S3 and run no function."""

from collections.abc import Mapping
from typing import Any

from infra.error_codes import INTERNAL_ERROR
from infra.gateway_mock import mock
from infra.pages import ERROR_PATH, PAGES, headers
from invoicing.http import problems

_ERROR = problems.internal_error("$context.requestId").model_dump_json(exclude_none=True)
_TO_THE_CODE = (
    '#set($code = $util.urlEncode($input.params().path.get("code")))'
    '#set($context.responseOverride.header.Location = "../errors#${code}")'
)
"""Relative to the URL of the request, whose prefix depends on the domain."""


def page_routes(uris: Mapping[str, str], role: str) -> dict[str, Any]:
    """The paths of the definition. `uris` has the S3 integration of each page by its path; `role` may read them."""
    paths = {
        page.path: {"get": _page(_operation_id(page.path), page.media_type, uris[page.path], role)} for page in PAGES
    }
    return {**paths, ERROR_PATH: {"get": _redirect()}}


def _operation_id(path: str) -> str:
    return "page" + "".join(letter if letter.isalnum() else "_" for letter in path)


def _page(operation_id: str, media_type: str, uri: str, role: str) -> dict[str, Any]:
    fixed = {"Content-Type": media_type, **headers()}
    cached = {
        "method.response.header.ETag": "integration.response.header.ETag",
        **{f"method.response.header.{name}": f"'{value}'" for name, value in fixed.items()},
    }
    names = ["ETag", *fixed]
    failed = {
        "statusCode": str(INTERNAL_ERROR.status),
        "responseParameters": {
            "method.response.header.Content-Type": f"'{problems.CONTENT_TYPE}'",
            "method.response.header.Cache-Control": "'no-store'",
        },
        "responseTemplates": {"application/json": _ERROR},
        "contentHandling": "CONVERT_TO_TEXT",
    }
    return {
        "operationId": operation_id,
        "parameters": [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}],
        "security": [],
        "responses": {
            "200": _described("The page.", names),
            "304": _described("The page has not changed.", names),
            "500": _described(INTERNAL_ERROR.title, ["Content-Type", "Cache-Control"]),
        },
        "x-amazon-apigateway-integration": {
            "type": "aws",
            "httpMethod": "GET",
            "uri": uri,
            "credentials": role,
            "passthroughBehavior": "when_no_match",
            "requestParameters": {"integration.request.header.If-None-Match": "method.request.header.If-None-Match"},
            "responses": {
                "200": {"statusCode": "200", "responseParameters": cached},
                "304": {"statusCode": "304", "responseParameters": cached},
                "default": failed,
            },
        },
    }


def _redirect() -> dict[str, Any]:
    fixed = headers()
    return {
        "operationId": "page_error",
        "parameters": [{"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}],
        "security": [],
        "responses": {"302": _described("The place of the code on the page.", ["Location", *fixed])},
        "x-amazon-apigateway-integration": mock(302, fixed, _TO_THE_CODE),
    }


def _described(description: str, names: list[str]) -> dict[str, Any]:
    return {"description": description, "headers": {name: {"schema": {"type": "string"}} for name in names}}
