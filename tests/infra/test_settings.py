"""A stage has one file, which is validated; the context only names the stage."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk.aws_logs import RetentionDays

from infra.discovery import ROOT
from infra.settings import STAGES, InvalidSettings, Settings, settings_of

Write = Callable[[str], Settings]


@pytest.fixture
def read(tmp_path: Path) -> Write:
    """Reads the settings of a stage whose file has this text."""

    def write_and_read(text: str) -> Settings:
        (tmp_path / "dev.toml").write_text(text, encoding="utf-8")
        return settings_of({}, tmp_path)

    return write_and_read


@pytest.mark.parametrize("stage", sorted(file.stem for file in STAGES.glob("*.toml")))
def test_every_stage_file_is_valid(stage: str) -> None:
    assert settings_of({"stage": stage}).name == f"invoicing-{stage}"


def test_costly_protection_is_off_by_default_and_on_in_prod() -> None:
    dev, prod = settings_of({}), settings_of({"stage": "prod"})
    assert (dev.deployments, dev.object_lock, dev.backup_months) == ("at_once", "off", 0)
    assert (dev.customer_key, dev.files_access_log, dev.replica_region) == (False, False, None)
    assert (prod.deployments, prod.object_lock, prod.backup_months) == ("canary", "off", 12)
    assert prod.files_access_log is True


def test_prod_names_the_protection_that_needs_a_decision() -> None:
    text = (STAGES / "prod.toml").read_text(encoding="utf-8")
    for setting in ("object_lock", "backup_lock", "customer_key", "replica_region"):
        assert f"\n# {setting} = " in text


def test_only_the_local_stage_is_embedded() -> None:
    stages = [settings_of({"stage": file.stem}) for file in STAGES.glob("*.toml")]
    assert [settings.stage for settings in stages if settings.embedded] == ["local"]


def test_every_setting_has_a_default(read: Write) -> None:
    settings = read("")
    assert (settings.name, settings.embedded, settings.architecture, settings.cors_origins) == (
        "invoicing-dev",
        False,
        "arm64",
        (),
    )
    assert settings.log_retention is RetentionDays.ONE_MONTH


def test_the_context_picks_the_stage(tmp_path: Path) -> None:
    (tmp_path / "dev.toml").touch()
    (tmp_path / "prod.toml").write_text(
        'requests_per_second = 50\ncors_origins = ["https://a.example", "https://b.example"]\n'
        'log_retention = "SIX_MONTHS"\n'
    )
    settings = settings_of({"stage": "prod"}, tmp_path)
    assert (settings.stage, settings.requests_per_second) == ("prod", 50)
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.log_retention is RetentionDays.SIX_MONTHS


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('domian = "api.example.com"', "domian: this is not a setting"),
        ('stage = "prod"', "stage"),
        ('architecture = "sparc"', "architecture"),
        ('domain = "api.example.com"', "certificate_arn"),
        ('hosted_zone_id = "Z1"', "hosted_zone_name"),
        ('hosted_zone_id = "Z1"\nhosted_zone_name = "example.com"', "domain"),
        ('log_retention = "SOME_TIME"', "log_retention"),
        ("burst = 0", "burst"),
        ('object_lock = "legal"', "object_lock"),
        ('backup_lock = "compliance"', "backup_lock needs backup_months"),
        ('replica_region = "Ireland"', "replica_region"),
        ('replica_region = "eu-west-1"\ncustomer_key = true', "replica_key_arn"),
        ('replica_key_arn = "arn:aws:kms:eu-west-1:1:key/x"', "replica_region"),
        ("embedded = true\ncustomer_key = true", "an embedded stage has no customer_key"),
        ("consumer_concurrency = 1", "consumer_concurrency"),
        ("reserved_concurrency = { authorize = -1 }", "reserved_concurrency"),
        ('burst = "200"', "burst"),
        ('embedded = "false"', "embedded"),
        ('event_consumers = ["12345678901"]', "event_consumers"),
        ('event_sources = "orders"', "event_sources"),
        ('event_sources = ["aws.s3"]', "aws.s3 is not another service"),
        ('event_sources = ["invoicing"]', "invoicing is not another service"),
        ('error_pages_url = "docs.example.com/errors"', "error_pages_url"),
        ('oidc_issuer = "https://sso.example"', "oidc_audience"),
        ('oidc_audience = "invoicing"', "oidc_issuer"),
        ('oidc_issuer = "http://sso.example"\noidc_audience = "invoicing"', "https"),
        ('oidc_issuer = "sso.example"\noidc_audience = "invoicing"', "oidc_issuer"),
        ('email_identities = ["*@example.com"]', "email_identities"),
        (f"email_identities = {[f'a@b{n}.example' for n in range(40)]}", "email_identities have more than 75"),
        ("credentials_kept = 3601", "credentials_kept"),
        (r"""cors_origins = ["https://a.example/\"') #end"]""", "cors_origins"),
        ("burst = 2026-11-28", "burst"),
        ("burst: 200", "line 1"),
        ("tenant_requests_per_second = 600", "tenant_requests_per_second"),
        ("tenant_requests_per_second = 25\nburst = 49", "tenant_requests_per_second"),
    ],
)
def test_an_invalid_setting_is_refused_by_name(read: Write, text: str, named: str) -> None:
    with pytest.raises(InvalidSettings, match=named) as refused:
        read(text)
    assert "dev.toml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_stage_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidSettings) as refused:
        settings_of({"stage": "prdo"})
    assert str(refused.value) == "There is no stage 'prdo'; infra/stages has dev, local, prod."


@pytest.mark.parametrize("stage", ["../stages/prod", "", "PROD", "my-stage"])
def test_a_stage_is_the_name_of_a_file_and_no_path(stage: str) -> None:
    with pytest.raises(InvalidSettings, match="There is no stage"):
        settings_of({"stage": stage})


def test_a_file_name_that_cannot_be_part_of_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my-stage.toml").touch()
    with pytest.raises(InvalidSettings, match="stage"):
        settings_of({"stage": "my-stage"}, tmp_path)


@pytest.mark.parametrize("key", ["alarm_email", "base_url", "embedded", "stgae"])
def test_a_setting_as_context_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidSettings, match=f"-c {key}: .* infra/stages/prod.toml"):
        settings_of({"stage": "prod", key: "x"})


def test_a_forgotten_flag_removes_no_firewall_and_no_domain(tmp_path: Path) -> None:
    domain = 'domain = "api.example.com"\ncertificate_arn = "arn:aws:acm:eu-central-1:1:certificate/x"\n'
    (tmp_path / "prod.toml").write_text(domain)
    (tmp_path / "dev.toml").touch()
    prod = settings_of({"stage": "prod"}, tmp_path)
    assert (prod.firewall, prod.domain) == (True, "api.example.com")
    # Only the file decides: neither a flag nor its absence changes a setting.
    for name in Settings.model_fields.keys() - {"stage"}:
        with pytest.raises(InvalidSettings, match=f"-c {name}: only `stage`"):
            settings_of({"stage": "prod", name: "false"}, tmp_path)
    # Without the stage, other stacks are deployed, and those of prod stay as they are.
    assert settings_of({}, tmp_path).name == "invoicing-dev" != prod.name


def test_an_embedded_stage_accepts_settings_of_the_machine() -> None:
    settings = settings_of({"stage": "local", "architecture": "x86_64", "base_url": "http://127.0.0.1:1/v1"})
    assert (settings.architecture, settings.public_url) == ("x86_64", "http://127.0.0.1:1/v1")
    with pytest.raises(InvalidSettings, match="firewall"):
        settings_of({"stage": "local", "firewall": "true"})


def test_the_context_keys_of_the_cdk_are_ignored() -> None:
    context = {"@aws-cdk/core:checkSecretUsage": True, "aws:cdk:bundling-stacks": [], "availability-zones:x": ["a"]}
    assert settings_of(context) == settings_of({})


def test_an_explicit_base_url_precedes_the_domain(read: Write) -> None:
    domain = 'domain = "api.example.com"\ncertificate_arn = "arn:aws:acm:eu-central-1:1:certificate/x"\n'
    assert read("").public_url is None
    assert read(domain).public_url == "https://api.example.com/v1"
    assert read(f'{domain}base_url = "https://other.example/v1"').public_url == "https://other.example/v1"


def test_a_synth_of_an_unknown_stage_fails_in_one_line(tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_CONTEXT_JSON": '{"stage": "prdo"}', "CDK_OUTDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "There is no stage 'prdo'; infra/stages has dev, local, prod."
    assert "Traceback" not in done.stderr
