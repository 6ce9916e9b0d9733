"""The rules of checkov, a linter of templates that is run apart, because it pins a hundred packages."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.infra.templates import Templates

pytestmark = pytest.mark.system

_CHECKOV = ["uv", "tool", "run", "--quiet", "--python", "3.13", "--from", "checkov==3.3.30", "checkov"]
_OPTIONS = ["--framework", "cloudformation", "--output", "json", "--compact", "--quiet", "--skip-download"]
_FUNCTION, _STAGE = "AWS::Lambda::Function", "AWS::ApiGateway::Stage"

Finding = tuple[str, str]
"""A rule, and the type of the resources that it finds."""

ACCEPTED: dict[Finding, str] = {
    ("CKV_AWS_115", _FUNCTION): "By setting for named functions; the account has too few workers to reserve for all.",
    ("CKV_AWS_116", _FUNCTION): "Functions are invoked synchronously or by queues, which have dead-letter queues.",
    ("CKV_AWS_117", _FUNCTION): "They reach only services of AWS, which need no VPC; IAM limits the access.",
    ("CKV_AWS_120", _STAGE): "Responses depend on the caller and must be current.",
    ("CKV_AWS_173", _FUNCTION): "The variables hold names of resources and no secret.",
    ("CKV_AWS_18", "AWS::S3::Bucket"): "By setting for files. Their replica and the log itself are not read.",
    ("CKV_AWS_21", "AWS::S3::Bucket"): "S3 writes each file of its log once.",
    ("CKV_AWS_33", "AWS::KMS::Key"): "Conditions admit the account's principals only, through services with its data.",
    ("CKV_AWS_73", _STAGE): "Traces of the gateway contain paths, and with them the tokens of download links.",
}
"""The findings in a stage with all settings, and the reason why each stays."""
BY_SETTING: frozenset[Finding] = frozenset(
    [
        ("CKV_AWS_149", "AWS::SecretsManager::Secret"),
        ("CKV_AWS_158", "AWS::Logs::LogGroup"),
        ("CKV_AWS_166", "AWS::Backup::BackupVault"),
        ("CKV_AWS_26", "AWS::SNS::Topic"),
        ("CKV_AWS_27", "AWS::SQS::Queue"),
    ]
)
"""The findings that `customer_key` settles. Without it, keys of AWS encrypt these resources; alarms name no person."""


def _require_checkov() -> None:
    """Skip the test where checkov cannot be installed; fail in CI."""
    installed = subprocess.run([*_CHECKOV, "--version"], capture_output=True, check=False).returncode == 0
    if not installed and "CI" not in os.environ:
        pytest.skip("checkov cannot be installed")
    assert installed, "checkov cannot be installed"


@pytest.fixture(scope="module")
def found(
    templates: Templates, everything: Templates, production: Templates, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[Finding]]:
    """The findings of each stage: `dev` without settings, `prod` as it is shipped, and `everything`."""
    _require_checkov()
    folder: Path = tmp_path_factory.mktemp("checkov")
    for stack in (*templates.stacks, *everything.stacks, *production.stacks):
        shutil.copy(stack.file, folder)
    done = subprocess.run([*_CHECKOV, "-d", str(folder), *_OPTIONS], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 1_000
    findings: dict[str, set[Finding]] = {}
    for one in report["results"]["failed_checks"]:
        stage = one["file_path"].split("-")[1]
        findings.setdefault(stage, set()).add((one["check_id"], one["resource"].rpartition(".")[0]))
    return findings


def test_checkov_finds_exactly_the_accepted_findings(found: dict[str, set[Finding]]) -> None:
    """A finding that is no longer found leaves the list."""
    assert sorted(found["everything"] ^ set(ACCEPTED)) == []


def test_settings_settle_the_other_findings_of_checkov(found: dict[str, set[Finding]]) -> None:
    assert sorted(found["prod"] - set(ACCEPTED)) == sorted(BY_SETTING)
    without_backups = {finding for finding in BY_SETTING if finding[1] != "AWS::Backup::BackupVault"}
    assert sorted(found["dev"] - set(ACCEPTED)) == sorted(without_backups)
