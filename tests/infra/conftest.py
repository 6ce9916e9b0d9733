"""The synthesized templates: made once for all tests of a worker."""

import pytest

from infra.app import build
from tests.infra.templates import NO_BUNDLING, Templates, templates_of


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What `cdk deploy` deploys without any context."""
    return templates_of(build(NO_BUNDLING, str(tmp_path_factory.mktemp("default"))))


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What the embedded AWS gets."""
    context = {"stage": "local", "embedded": "true", "architecture": "x86_64", "base_url": "http://127.0.0.1:4566/v1"}
    return templates_of(build({**NO_BUNDLING, **context}, str(tmp_path_factory.mktemp("embedded"))))


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """All that context can add."""
    context = {
        "stage": "prod",
        "domain": "api.example.com",
        "certificate_arn": "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
        "hosted_zone_id": "Z0000000000000000000",
        "hosted_zone_name": "example.com",
        "alarm_email": "alarms@example.com",
        "cors_origins": "https://app.example.com,https://admin.example.com",
        "waf": "true",
        "malware_scan": "true",
        "log_retention": "ONE_YEAR",
        "oidc_issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc",
        "oidc_audience": "0123456789",
        "oidc_claim_prefix": "custom:",
        "credentials_kept": "60",
    }
    return templates_of(build({**NO_BUNDLING, **context}, str(tmp_path_factory.mktemp("everything"))))
