"""Each pattern of runbooks and metrics matches its log lines, and no others.

The embedded AWS takes any pattern for JSON as one that matches each line.
"""

import json
import re
import time
from typing import Any

import pytest

from invoicing.observability import log_line
from tests.infra.templates import Templates
from tests.logs import logged
from tests.runbooks import README

_PATTERN = re.compile(r'\{ \$\.(?P<field>\w+) = "(?P<value>[^"]*)" \}')
"""The one form of patterns that is used: a field of the line has this text."""
_SEARCH = re.compile(r'aws logs filter-log-events --log-group-name "/aws/(\w+)/[^"]*"[^\']*\'([^\']*)\'')


def matches(pattern: str, line: str) -> bool:
    """Whether CloudWatch finds a line: a text in a pattern is only equal to a text in the line, not to a number."""
    found = _PATTERN.fullmatch(pattern)
    assert found, f"{pattern} has a form that this test does not know"
    return bool(json.loads(line).get(found["field"]) == found["value"])


def searches(source: str) -> list[str]:
    """The patterns with which the runbooks search the logs of functions (`lambda`) or of the gateway (`apigateway`)."""
    return [pattern for of, pattern in _SEARCH.findall(README.read_text()) if of == source]


def lines_of_a_function() -> tuple[str, str]:
    """The lines that a function logs about an unexpected error, and about a success."""
    logged.clear()
    try:
        json.loads("no JSON")
    except ValueError:
        log_line("create_invoice", time.perf_counter(), unexpected=True, facts={"status": 500})
    log_line("create_invoice", time.perf_counter(), unexpected=False, facts={"status": 201})
    failed, *_metrics, succeeded = logged
    return failed, succeeded


def access(templates: Templates, **facts: str) -> str:
    """A line of the access log, in the format that the stage declares."""
    declared = templates.api.one("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"]
    return re.sub(r"\$context\.([\w.]+)", lambda found: facts.get(found[1], "-"), declared)


def test_each_search_of_the_runbooks_is_read() -> None:
    assert len(searches("lambda")) + len(searches("apigateway")) == README.read_text().count("filter-log-events")


@pytest.mark.parametrize("pattern", searches("lambda"))
def test_unexpected_errors_are_found_in_logs_of_functions(pattern: str) -> None:
    failed, succeeded = lines_of_a_function()
    assert matches(pattern, failed)
    assert "JSONDecodeError" in json.loads(failed)["exception"]
    assert not matches(pattern, succeeded)


def test_throttled_requests_are_found_in_the_access_log(templates: Templates) -> None:
    [metric] = [
        one["FilterPattern"]
        for one in templates.api.all("AWS::Logs::MetricFilter").values()
        if "status" in one["FilterPattern"]
    ]
    [searched] = [pattern for pattern in searches("apigateway") if "status" in pattern]
    for pattern in (metric, searched):
        assert matches(pattern, access(templates, status="429"))
        assert not matches(pattern, access(templates, status="200"))


def test_requests_of_a_tenant_are_found_in_the_access_log(templates: Templates) -> None:
    [pattern] = [pattern for pattern in searches("apigateway") if "tenant_id" in pattern]
    [named] = re.findall(r'"([^"]*)"', pattern)
    tenant: dict[str, Any] = {"authorizer.tenant_id": named}
    assert matches(pattern, access(templates, **tenant))
    assert not matches(pattern, access(templates, status="200"))
