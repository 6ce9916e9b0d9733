"""What context may say."""

import pytest
from aws_cdk.aws_logs import RetentionDays

from infra.settings import InvalidSettings, settings_of


def test_without_context_everything_has_a_default() -> None:
    settings = settings_of({})
    assert (settings.name, settings.embedded, settings.architecture, settings.waf) == (
        "invoicing-dev",
        False,
        "arm64",
        False,
    )
    assert settings.cors_origins == ()
    assert settings.log_retention is RetentionDays.ONE_MONTH


def test_the_command_line_gives_strings_and_they_are_understood() -> None:
    settings = settings_of(
        {
            "embedded": "true",
            "requests_per_second": "50",
            "cors_origins": "https://a.example, https://b.example",
            "log_retention": "SIX_MONTHS",
        }
    )
    assert settings.embedded is True
    assert settings.requests_per_second == 50
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.log_retention is RetentionDays.SIX_MONTHS


@pytest.mark.parametrize(
    ("context", "named"),
    [
        ({"domian": "api.example.com"}, "domian"),
        ({"stage": "my-stage"}, "stage"),
        ({"architecture": "sparc"}, "architecture"),
        ({"domain": "api.example.com"}, "certificate_arn"),
        ({"hosted_zone_id": "Z1"}, "hosted_zone_name"),
        ({"hosted_zone_id": "Z1", "hosted_zone_name": "example.com"}, "domain"),
        ({"log_retention": "SOME_TIME"}, "log_retention"),
        ({"burst": "0"}, "burst"),
        ({"oidc_issuer": "https://sso.example"}, "oidc_audience"),
        ({"oidc_audience": "invoicing"}, "oidc_issuer"),
        ({"oidc_issuer": "http://sso.example", "oidc_audience": "invoicing"}, "https"),
        ({"oidc_issuer": "sso.example", "oidc_audience": "invoicing"}, "oidc_issuer"),
        ({"credentials_kept": "3601"}, "credentials_kept"),
        ({"cors_origins": "https://a.example/\"') #end"}, "cors_origins"),
    ],
)
def test_what_means_nothing_is_refused_by_name(context: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSettings, match=named) as refused:
        settings_of(context)
    assert "\n" not in str(refused.value)


def test_keys_of_the_cdk_are_left_alone() -> None:
    context = {"@aws-cdk/core:checkSecretUsage": True, "aws:cdk:bundling-stacks": [], "availability-zones:x": ["a"]}
    assert settings_of(context) == settings_of({})


def test_links_begin_with_the_base_url_or_else_the_domain() -> None:
    domain = {"domain": "api.example.com", "certificate_arn": "arn:aws:acm:eu-central-1:1:certificate/x"}
    assert settings_of({}).public_url is None
    assert settings_of(domain).public_url == "https://api.example.com/v1"
    assert settings_of({**domain, "base_url": "https://other.example/v1"}).public_url == "https://other.example/v1"
