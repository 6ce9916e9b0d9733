"""Neither wrong credentials nor one busy tenant use up the limits of the stage."""

import re
from collections import Counter
from typing import Any

import pytest

from infra.constructs.firewall import credential_pattern
from infra.discovery import deployed
from infra.settings import Settings
from invoicing.consumers.consumer import Consumer
from invoicing.core.ids import new_id
from invoicing.http.usage import NUMBERS, TENANT_KEYS, usage_key, usage_key_of
from invoicing.users.model import new_secret
from tests.builders import NOON
from tests.infra.templates import Stack, Templates

_CONSUMERS = [found.name for found in deployed() if isinstance(found.declaration, Consumer)]


def _rules(templates: Templates) -> dict[str, Any]:
    return {rule["Name"]: rule for rule in templates.api.one("AWS::WAFv2::WebACL")["Rules"]}


def _limit(templates: Templates, name: str) -> dict[str, Any]:
    rule = _rules(templates)[name]
    assert rule["Action"] == {"Block": {}}
    limit: dict[str, Any] = rule["Statement"]["RateBasedStatement"]
    return limit


def test_the_firewall_is_on_unless_a_stage_turns_it_off(templates: Templates, embedded: Templates) -> None:
    association = templates.api.one("AWS::WAFv2::WebACLAssociation")
    [id_] = templates.api.all("AWS::WAFv2::WebACL")
    assert association["WebACLArn"] == {"Fn::GetAtt": [id_, "Arn"]}
    assert embedded.api.all("AWS::WAFv2::WebACL") == {}


def test_one_address_gets_a_small_part_of_the_stage_limit(templates: Templates) -> None:
    limit = _limit(templates, "RequestsPerIp")
    stage = Settings().requests_per_second * limit["EvaluationWindowSec"]
    assert limit["AggregateKeyType"] == "IP"
    assert limit["Limit"] <= stage / 20


def test_invalid_credentials_share_one_limit(templates: Templates) -> None:
    limit = _limit(templates, "RequestsWithoutCredential")
    assert limit["AggregateKeyType"] == "CONSTANT"
    assert limit["Limit"] <= Settings().requests_per_second * limit["EvaluationWindowSec"] / 20
    credential, link, page, preflight = (
        part["NotStatement"]["Statement"] for part in limit["ScopeDownStatement"]["AndStatement"]["Statements"]
    )
    assert credential["RegexMatchStatement"]["RegexString"] == credential_pattern(Settings())
    assert credential["RegexMatchStatement"]["FieldToMatch"] == {"SingleHeader": {"Name": "authorization"}}
    assert link["ByteMatchStatement"]["SearchString"] == "/v1/downloads/"
    assert page["ByteMatchStatement"]["SearchString"] == "/v1/pages/"
    assert preflight["ByteMatchStatement"]["SearchString"] == "OPTIONS"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Api-Key"])
def test_every_real_credential_has_the_form(scheme: str) -> None:
    for credential in (new_secret("dev"), "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl_-"):
        assert re.search(credential_pattern(Settings()), f"{scheme} {credential}")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "ik_dev_0123456789", "Bearer ik_prod_0123"])
def test_other_values_do_not_have_the_form(header: str) -> None:
    assert not re.search(credential_pattern(Settings()), header)


def test_the_gateway_limits_a_busy_tenant_before_the_firewall(templates: Templates) -> None:
    """The gateway responds with 429, which clients handle. The firewall blocks clients that ignore it."""
    limit = _limit(templates, "RequestsPerCredential")
    assert limit["AggregateKeyType"] == "CUSTOM_KEYS"
    assert limit["CustomKeys"] == [
        {"Header": {"Name": "authorization", "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}
    ]
    assert limit["Limit"] == 2 * Settings().tenant_requests_per_second * limit["EvaluationWindowSec"]


def test_a_tenant_gets_a_small_part_of_the_stage_limit(templates: Templates) -> None:
    plan = templates.api.one("AWS::ApiGateway::UsagePlan")
    [stage] = templates.api.all("AWS::ApiGateway::Stage")
    assert plan["Throttle"] == {"RateLimit": 25, "BurstLimit": 50}
    assert [one["Stage"] for one in plan["ApiStages"]] == [{"Ref": stage}]
    assert plan["Throttle"]["RateLimit"] <= Settings().requests_per_second / 20


def test_each_usage_key_that_the_authorizer_can_name_exists(templates: Templates) -> None:
    keys = templates.api.all("AWS::ApiGateway::ApiKey")
    assert {key["Value"] for key in keys.values() if key["Enabled"]} == {usage_key("dev", number) for number in NUMBERS}
    in_plan = {key["KeyId"]["Ref"] for key in templates.api.all("AWS::ApiGateway::UsagePlanKey").values()}
    assert in_plan == set(keys)


@pytest.mark.parametrize("stage", ["a", "abcdefghijklmnop"])
def test_usage_keys_have_the_form_that_api_gateway_requires(stage: str) -> None:
    for number in NUMBERS:
        assert re.fullmatch(r"[A-Za-z0-9]{20,128}", usage_key(stage, number))


def test_tenants_are_spread_over_all_usage_keys_but_one() -> None:
    used = {usage_key_of("dev", new_id("ten", NOON)) for _ in range(1_000)}
    assert used == {usage_key("dev", number) for number in range(TENANT_KEYS)}
    assert usage_key_of("dev", None) not in used


def test_consumers_leave_most_concurrency_to_the_api() -> None:
    """The default quota of an account is 1,000 concurrent functions."""
    assert Settings().consumer_concurrency * len(_CONSUMERS) <= 300


def test_a_setting_limits_the_workers_of_every_queue(everything: Templates) -> None:
    mappings = everything.service.all("AWS::Lambda::EventSourceMapping").values()
    of_queues = [mapping for mapping in mappings if "StartingPosition" not in mapping]
    assert len(of_queues) == len(_CONSUMERS) + len({"quarantine_file", "retain_entry"})  # which are optional
    # Workers of webhooks wait for receivers most of the time, so they have a number of their own.
    limits = Counter(mapping["ScalingConfig"]["MaximumConcurrency"] for mapping in of_queues)
    assert limits == {5: len(of_queues) - 1, 50: 1}


def test_a_setting_reserves_workers_for_named_functions(templates: Templates, everything: Templates) -> None:
    def reserved(stack: Stack) -> dict[str, int]:
        key = "ReservedConcurrentExecutions"
        return {name: one[key] for name, one in stack.functions().items() if key in one}

    assert reserved(templates.service) == {}
    assert reserved(everything.service) == {"authorize": 100, "publish_outbox": 20, "sweep_outbox": 1}
