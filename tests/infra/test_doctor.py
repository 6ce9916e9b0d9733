"""`invoicing doctor`: findings about quotas and the e-mail account, and its exit code."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.local import cli
from infra.local import doctor as module
from infra.local.doctor import Finding, doctor
from infra.settings import settings_of

HEALTHY: dict[str, Any] = {
    "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1_000}},
    "ses": {
        "SendingEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0},
    },
    "throttles": {"throttleSettings": {"rateLimit": 10_000.0, "burstLimit": 5_000}},
    "quotas": [{"QuotaName": "Resources per API", "Value": 300.0}],
    "identities": {"billing.example": {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS"}}},
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The answers of AWS for a stage with one identity: moto has the API, these are the others."""
    (tmp_path / "prod.toml").write_text('alarm_email = "ops@example.com"\nemail_identities = ["billing.example"]\n')
    monkeypatch.setattr(module, "settings_of", lambda context: settings_of(context, tmp_path))
    found: dict[str, Any] = {**HEALTHY}
    original: Any = boto3.Session.client

    def client(session: boto3.Session, name: str, *args: Any, **named: Any) -> Any:
        made: Any = original(session, name, *args, **named)
        if name == "lambda":
            made.get_account_settings = lambda: found["get_account_settings"]
        if name == "sesv2":
            made.get_account = lambda: found["ses"]
            made.get_email_identity = lambda **asked: _identity(found, asked["EmailIdentity"])
        if name == "apigateway":
            made.get_account = lambda: found["throttles"]
        if name == "service-quotas":
            pages = SimpleNamespace(paginate=lambda **_: [{"Quotas": found["quotas"]}])
            made.get_paginator = lambda _: pages
        return made

    monkeypatch.setattr(boto3.Session, "client", client)
    with mock_aws():
        boto3.client("apigateway").create_rest_api(name="invoicing-prod")
        yield found


def _identity(found: dict[str, Any], identity: str) -> Any:
    if identity not in found["identities"]:
        raise ClientError({"Error": {"Code": "NotFoundException", "Message": "none"}}, "GetEmailIdentity")
    return found["identities"][identity]


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.subject: finding.level for finding in findings}


def test_a_healthy_account_has_no_advice(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    findings = doctor("prod")
    assert set(levels(findings).values()) == {"OK"}
    assert not any(finding.advice for finding in findings)
    assert cli.main(["doctor", "--stage", "prod"]) == 0
    assert "OK       Lambda concurrency: 1000 functions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "answer", "subject", "level"),
    [
        ("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}}, "Lambda concurrency", "WARNING"),
        ("ses", {**HEALTHY["ses"], "ProductionAccessEnabled": False}, "SES account", "WARNING"),
        ("ses", {**HEALTHY["ses"], "EnforcementStatus": "SHUTDOWN"}, "SES account", "PROBLEM"),
        ("identities", {}, "SES identity billing.example", "PROBLEM"),
        ("identities", {"billing.example": {}}, "SES identity billing.example", "PROBLEM"),
        (
            "identities",
            {"billing.example": {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "PENDING"}}},
            "SES identity billing.example",
            "WARNING",
        ),
        (
            "throttles",
            {"throttleSettings": {"rateLimit": 500.0, "burstLimit": 5_000}},
            "API Gateway rateLimit",
            "WARNING",
        ),
        ("throttles", {}, "API Gateway burstLimit", "WARNING"),
    ],
)
def test_each_shortage_is_found_with_advice(
    answers: dict[str, Any], name: str, answer: Any, subject: str, level: str
) -> None:
    answers[name] = answer
    found = [finding for finding in doctor("prod") if finding.subject == subject and finding.level == level]
    assert found
    assert found[0].advice
    assert cli.main(["doctor", "--stage", "prod"]) == int(level == "PROBLEM")


def test_more_reserved_than_the_account_has_is_a_problem(answers: dict[str, Any], tmp_path: Path) -> None:
    with (tmp_path / "prod.toml").open("a") as file:
        file.write("reserved_concurrency = { authorize = 600, finalize_invoice = 301 }\n")
    [finding] = [one for one in doctor("prod") if one.subject == "Lambda concurrency"]
    assert (finding.level, "reserves 901" in finding.text) == ("PROBLEM", True)


def test_an_api_near_its_quota_is_found(answers: dict[str, Any]) -> None:
    answers["quotas"] = [{"QuotaName": "Resources per API", "Value": 1.0}]
    assert levels(doctor("prod"))["API"] == "WARNING"


def test_a_check_that_is_not_allowed_is_a_warning(answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> float:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "ListServiceQuotas")

    monkeypatch.setattr(module, "_quota", refused)
    [finding] = [one for one in doctor("prod") if one.subject == "API"]
    assert (finding.level, "not you" in finding.text) == ("WARNING", True)


def test_an_unknown_stage_is_one_line(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--stage", "none"]) == 1
    assert capsys.readouterr().err.startswith("invoicing: There is no stage 'none'")


def test_a_missing_region_is_one_line(answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    assert cli.main(["doctor", "--stage", "prod"]) == 1
