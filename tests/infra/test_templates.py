"""Rules for every template."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint  # type: ignore[import-untyped]

from tests.infra.templates import Stack, Templates, actions, plain

# The actions for which AWS has no resource.
_ON_EVERYTHING = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
# The CDK writes that a function depends on its role, which the reference implies already.
_TWICE = "W3005"
# Gateway responses as resources beside a definition drift in AWS. They are for the embedded gateway, which reads no
# others.
_DRIFTS = "W3660"


@pytest.mark.system
@pytest.mark.parametrize(
    ("of", "ignored"),
    [
        ("templates", [_TWICE]),
        ("embedded", [_TWICE, _DRIFTS]),
        ("everything", [_TWICE]),
        ("production", [_TWICE]),
    ],
)
def test_cfn_lint_finds_nothing(of: str, ignored: list[str], request: pytest.FixtureRequest) -> None:
    found: Templates = request.getfixturevalue(of)
    for stack in found.stacks:
        matches = lint(stack.text, regions=["eu-central-1"], config=ManualArgs(ignore_checks=ignored))
        assert [f"{match.rule.id} {match.message}" for match in matches] == []


def test_cfn_lint_would_find_something(templates: Templates) -> None:
    broken = templates.data.text.replace('"BillingMode"', '"BilingMode"')
    assert {match.rule.id for match in lint(broken, regions=["eu-central-1"])} >= {"E3002"}


def _statements(stack: Stack) -> Iterator[dict[str, Any]]:
    for role in stack.all("AWS::IAM::Role").values():
        for policy in role.get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]
    for policy in stack.all("AWS::IAM::Policy").values():
        yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("of", ["templates", "embedded", "everything"])
def test_only_actions_without_resources_are_allowed_on_all(of: str, request: pytest.FixtureRequest) -> None:
    found: Templates = request.getfixturevalue(of)
    on_everything = {
        action
        for stack in found.stacks
        for statement in _statements(stack)
        if statement["Resource"] in ("*", ["*"])
        for action in actions(statement)
    }
    # The embedded SES requires permission to send on all resources for a mail from any identity.
    assert on_everything == _ON_EVERYTHING | ({"ses:SendEmail"} if of == "embedded" else set())
    assert not any(
        action == "*" or action.endswith(":*")
        for stack in found.stacks
        for statement in _statements(stack)
        for action in actions(statement)
    )


def test_only_the_gateways_log_role_has_a_policy_of_aws(templates: Templates) -> None:
    managed = {
        id_: role["ManagedPolicyArns"]
        for id_, role in templates.service.all("AWS::IAM::Role").items()
        if "ManagedPolicyArns" in role
    }
    assert [id_[: len("ApiCloudWatchRole")] for id_ in managed] == ["ApiCloudWatchRole"]


@pytest.mark.parametrize("of", ["templates", "embedded", "everything"])
def test_no_stack_exports_anything(of: str, request: pytest.FixtureRequest) -> None:
    """An export in use blocks each update that changes it, and a layer changes with each deployment."""
    found: Templates = request.getfixturevalue(of)
    for stack in found.stacks:
        assert [name for name, output in stack.template.get("Outputs", {}).items() if "Export" in output] == []
        assert "Fn::ImportValue" not in stack.text


def test_stacks_refer_to_outputs_of_the_data_stack_only(templates: Templates) -> None:
    """It is deployed first, and the resources in its outputs are never replaced."""
    references = [
        reference
        for stack in templates.stacks
        for reference in re.findall(r'"Fn::GetStackOutput": \{"StackName": "([^"]+)"', stack.text)
    ]
    assert set(references) == {templates.data.name}


def test_each_stack_has_the_layers_that_its_functions_use(templates: Templates) -> None:
    for stack in templates.stacks:
        used = {plain(layer) for function in stack.functions().values() for layer in function["Layers"]}
        assert used == {f"<{id_}>" for id_ in stack.all("AWS::Lambda::LayerVersion")}
