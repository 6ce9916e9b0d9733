"""What the kit does for every function, whichever it is."""

import json
from typing import Any

import pytest

from invoicing import config
from invoicing.adapters.dynamodb.commit import Session
from invoicing.adapters.dynamodb.store import Store
from invoicing.api.body import raw_body
from invoicing.domain.errors import Invalid
from invoicing.domain.identity import Caller
from tests.aws import AwsCalls, called_by
from tests.builders import NOON, invoice_json
from tests.gateway import Client
from tests.tripwire import Sight


def test_what_nobody_foresaw_is_a_problem_without_internals(
    api: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(Store, "tenant_and_customer", fail)
    answer = api.post("/invoices", invoice_json())
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert "1234" not in answer.text
    assert answer.json["instance"] == answer.headers["X-Request-Id"]
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "the password" in line["exception"]
    assert (line["UnexpectedErrors"], line["status"], line["operation"]) == (1, 500, "create_invoice")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Invoicing"


@pytest.mark.parametrize("body", ["%%%", "e30", "e30=\n", "\u00fc"])
def test_a_body_that_is_not_base64_is_refused(body: str) -> None:
    event: Any = {"body": body, "isBase64Encoded": True}
    with pytest.raises(Invalid, match="base64"):
        raw_body(event)


def test_each_request_leaves_one_line_that_counts_no_fault(api: Client, capsys: pytest.CaptureFixture[str]) -> None:
    api.post("/invoices", {"surprise": 1})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [line] = [line for line in lines if line["operation"] == "create_invoice"]
    assert (line["UnexpectedErrors"], line["status"], line["code"]) == (0, 400, "VALIDATION_ERROR")


def test_cors_is_off_unless_origins_are_named(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def headers(origin: str) -> Any:
        return api.get("/invoices", headers={"Origin": origin}).headers

    assert "Access-Control-Allow-Origin" not in headers("https://shop.example")
    monkeypatch.setenv("CORS_ORIGINS", "https://shop.example,https://b.example")
    config.allowed_origins.cache_clear()
    allowed = headers("https://shop.example")
    assert (allowed["Access-Control-Allow-Origin"], allowed["Vary"]) == ("https://shop.example", "Origin")
    assert "Access-Control-Allow-Origin" not in headers("https://evil.example")
    config.allowed_origins.cache_clear()


def test_a_function_that_leaves_its_tenant_fails_its_test(api: Client, stranger: Client, aws: AwsCalls) -> None:
    """What the tripwire of all function tests is worth."""
    assert stranger.user
    ours, theirs = (one.get("/tenant").ok()["id"] for one in (api, stranger))
    with called_by("get_invoice", Sight(ours)):
        Store(Session(Caller.system(theirs), NOON)).users([stranger.user.id])
    assert aws.trespasses
    aws.trespasses.clear()
