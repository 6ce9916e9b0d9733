"""Errors: each code is declared once, documented at its URL, and part of every operation that can return it."""

import json
import re

import pytest

from infra import error_pages
from infra.discovery import endpoints
from infra.error_codes import every, possible
from infra.gateway import REFUSALS, gateway_responses
from invoicing import config
from invoicing.core.errors import DomainError
from invoicing.http import problems
from invoicing.http.declaration import Endpoint
from tests.answers import document, followed, operation
from tests.architecture.test_language import descendants

ENDPOINTS = [pytest.param(one, id=found.name) for found, one in endpoints()]
SOLUTION = re.compile(r"[A-Z].{5,}\.", re.DOTALL)


def test_the_code_of_a_problem_is_one_of_the_contract() -> None:
    codes = document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert codes == list(every())
    assert {one.code for one in REFUSALS.values()} <= set(codes)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_operations_document_the_errors_of_the_gateway(endpoint: Endpoint) -> None:
    responses = operation(endpoint)["responses"]
    expected = {"403", "404", "429", "500", "504"}
    expected |= {"401"} if endpoint.scope else set()
    expected |= {"413", "415"} if endpoint.body else set()
    assert expected <= set(responses)
    for status, response in responses.items():
        waits = any(one.retry_after for one in possible(endpoint) if str(one.status) == status)
        assert ("Retry-After" in followed(response)["headers"]) == waits, status


def test_codes_of_errors_that_pass_have_a_time_to_wait() -> None:
    assert {code for code, (one, _) in every().items() if one.retry_after} == {
        "CONCURRENT_MODIFICATION",
        "FILE_NOT_READY",
        "IDEMPOTENCY_IN_PROGRESS",
        "OUTCOME_UNKNOWN",
        "REQUEST_BLOCKED",
        "SERIES_BUSY",
        "TIMEOUT",
        "TOO_MANY_REQUESTS",
        "WRITTEN_BY_NEWER_VERSION",
    }


def test_each_error_class_explains_how_to_solve_the_error() -> None:
    declared = [error for error in descendants(DomainError) if "code" in vars(error)]
    assert len(declared) > 70
    unsolved = [e.code for e in declared if not SOLUTION.fullmatch((e.__doc__ or "").partition("\n")[2].strip())]
    assert unsolved == []
    assert [code for code, (one, _) in every().items() if not SOLUTION.fullmatch(one.remedy)] == []


def test_each_code_has_a_place_with_its_operations() -> None:
    index = error_pages.index()
    for code, (one, operations) in every().items():
        [section] = re.findall(rf'<section id="{re.escape(code)}">.*?</section>', index)
        assert f"HTTP status {one.status}" in section
        assert section.count("<li>") == len(operations) > 0
        assert f'<a href="#{code}">' in index


def test_the_stage_sets_where_the_pages_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERROR_PAGES_URL", "https://errors.test")
    config.error_pages.cache_clear()
    assert problems.type_of("INVALID_STATE") == "https://errors.test/INVALID_STATE"
    monkeypatch.undo()
    config.error_pages.cache_clear()
    assert problems.type_of("INVALID_STATE") == f"{config.DEFAULT_ERROR_PAGES}/INVALID_STATE"
    throttled = gateway_responses(error_pages="https://errors.test")["THROTTLED"]
    assert json.loads(throttled["responseTemplates"]["application/json"])["type"].startswith("https://errors.test/")
    assert throttled["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"
