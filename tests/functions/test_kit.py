"""The behavior that all functions share."""

import itertools
import json
import sys
from typing import Any

import pytest

from invoicing import config, observability
from invoicing.core.errors import Invalid
from invoicing.core.identity import Caller
from invoicing.http.body import raw_body
from invoicing.observability import count, log_line
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.users.table import authors
from tests.aws import AwsCalls, called_by
from tests.builders import NOON, customer_json, invoice_json
from tests.events import details, function
from tests.gateway import Client
from tests.tripwire import Sight


def test_an_unexpected_error_shows_no_internals(
    api: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the password is 1234")

    assert function("create_invoice"), "this loads the modules of all functions"
    monkeypatch.setattr(sys.modules["functions.invoices.create_invoice"], "tenant_and_customer", fail)
    answer = api.post("/invoices", invoice_json())
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert "1234" not in answer.text
    assert answer.json["instance"] == answer.headers["X-Request-Id"]
    *_, line, counted = map(json.loads, capsys.readouterr().out.splitlines())
    assert "the password" in line["exception"]
    assert (line["level"], line["status"], line["operation"]) == ("ERROR", 500, "create_invoice")
    assert line["correlation_id"] == answer.headers["X-Request-Id"]
    [metric] = counted["_aws"]["CloudWatchMetrics"]
    assert (metric["Namespace"], metric["Dimensions"]) == ("Invoicing", [["service"]])
    assert (counted["UnexpectedErrors"], counted["operation"]) == ([1], "create_invoice")


@pytest.mark.parametrize("body", ["%%%", "e30", "e30=\n", "\u00fc"])
def test_a_body_that_is_not_base64_is_refused(body: str) -> None:
    event: Any = {"body": body, "isBase64Encoded": True}
    with pytest.raises(Invalid, match="base64"):
        raw_body(event)


def test_each_request_logs_one_line_without_an_error(api: Client, capsys: pytest.CaptureFixture[str]) -> None:
    answer = api.post("/invoices", {"surprise": 1})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["operation"] for line in lines] == ["authorize", "create_invoice"]
    assert not any("_aws" in line for line in lines)
    line = lines[-1]
    assert (line["level"], line["status"], line["code"]) == ("INFO", 400, "VALIDATION_ERROR")
    assert line["correlation_id"] == answer.headers["X-Request-Id"]
    assert (line["service"], line["tenant_id"]) == ("invoicing", api.tenant_id)
    assert line["milliseconds"] > 0


def test_only_the_first_log_line_reports_a_cold_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observability, "_cold_start", iter((True,)))
    for _ in range(3):
        log_line("x", 0, unexpected=False, facts={})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["cold_start"] for line in lines] == [True, False, False]


def test_metrics_of_two_errors_are_separate(capsys: pytest.CaptureFixture[str]) -> None:
    log_line("x", 0, unexpected=True, facts={}, canary=True)
    count("DeferredEmails", reason="y")
    _, first, second = map(json.loads, capsys.readouterr().out.splitlines())
    # A canary has its own metric beside that of the stage.
    assert first["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"], ["service", "operation"]]
    assert second["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert ("DeferredEmails" in first, "UnexpectedErrors" in second, "operation" in second) == (False, False, False)


def test_cors_is_off_without_origins(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def headers(origin: str) -> Any:
        return api.get("/invoices", headers={"Origin": origin}).headers

    assert "Access-Control-Allow-Origin" not in headers("https://shop.example")
    monkeypatch.setenv("CORS_ORIGINS", "https://shop.example,https://b.example")
    config.allowed_origins.cache_clear()
    allowed = headers("https://shop.example")
    assert (allowed["Access-Control-Allow-Origin"], allowed["Vary"]) == ("https://shop.example", "Origin")
    assert "Access-Control-Allow-Origin" not in headers("https://evil.example")
    config.allowed_origins.cache_clear()


def test_a_function_that_reads_another_tenant_fails_its_test(api: Client, stranger: Client, aws: AwsCalls) -> None:
    """The tripwire of all function tests detects violations."""
    assert stranger.user
    ours, theirs = (one.get("/tenant").ok()["id"] for one in (api, stranger))
    with called_by("get_invoice", Sight(ours)):
        authors(Store(Session(Caller.system(theirs), NOON)), [stranger.user.id])
    assert aws.trespasses
    aws.trespasses.clear()


def test_events_of_one_moment_are_in_the_order_of_their_commits(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    falling = itertools.count(1 << 70, -(1 << 32))
    monkeypatch.setattr("invoicing.core.ids.secrets.randbits", lambda _: next(falling))
    made = [api.post("/customers", customer_json()).ok(201)["id"] for _ in range(3)]
    assert made == sorted(made, reverse=True)
    assert [event["resource"]["id"] for event in details("customer.created")] == made
