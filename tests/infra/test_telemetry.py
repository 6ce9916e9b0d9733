"""No secret is in any telemetry: neither tokens of download links, which are in paths, nor credentials, in headers."""

import json

import pytest

from tests.infra.templates import Templates

_REVEALING = {"POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_DEV", "POWERTOOLS_TRACER_CAPTURE_RESPONSE"}
_ALL = pytest.mark.parametrize("of", ["templates", "embedded", "everything"])


@_ALL
def test_the_gateway_records_no_paths(of: str, request: pytest.FixtureRequest) -> None:
    """A trace holds the URL, and the gateway's own log the whole request."""
    found: Templates = request.getfixturevalue(of)
    stage = found.api.one("AWS::ApiGateway::Stage")
    assert stage.get("TracingEnabled", False) is False
    for settings in stage["MethodSettings"]:
        assert settings.get("DataTraceEnabled", False) is False
        assert settings.get("LoggingLevel", "OFF") == "OFF"


@_ALL
def test_the_access_log_has_neither_paths_nor_headers(of: str, request: pytest.FixtureRequest) -> None:
    found: Templates = request.getfixturevalue(of)
    logged = json.loads(found.api.one("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])
    assert set(logged.values()) <= {
        "$context.authorizer.tenant_id",
        "$context.error.responseType",
        "$context.httpMethod",
        "$context.identity.sourceIp",
        "$context.integrationLatency",
        "$context.requestId",
        "$context.requestTime",
        "$context.resourcePath",
        "$context.responseLatency",
        "$context.responseLength",
        "$context.status",
    }


@_ALL
def test_the_firewall_keeps_no_requests(of: str, request: pytest.FixtureRequest) -> None:
    found: Templates = request.getfixturevalue(of)
    for acl in found.api.all("AWS::WAFv2::WebACL").values():
        for visible in (acl, *acl["Rules"]):
            assert visible["VisibilityConfig"]["SampledRequestsEnabled"] is False
    assert found.service.all("AWS::WAFv2::LoggingConfiguration") == {}


@_ALL
def test_no_function_logs_its_events(of: str, request: pytest.FixtureRequest) -> None:
    found: Templates = request.getfixturevalue(of)
    for function in found.service.functions().values():
        variables = function["Environment"]["Variables"]
        assert not {"POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_DEV", "POWERTOOLS_TRACER_CAPTURE_RESPONSE"} & set(
            variables
        )
        assert variables.get("POWERTOOLS_LOG_LEVEL", "INFO") != "DEBUG"
