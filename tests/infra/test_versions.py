"""Published versions: SnapStart for named functions, and canary deployments of all."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from infra.discovery import ROOT
from infra.settings import InvalidSettings
from tests.infra.templates import NO_BUNDLING, STAGES, Stack, Templates, actions, plain, templates_of

_FILES = (
    "authorize",
    "customers/create_customer",
    "customers/get_customer",
    "events/publish_outbox",
    "events/render_document",
    "events/send_email",
    "schedules/publish_hourly_tick",
    "schedules/sweep_outbox",
)
_SNAPPED = {"create_customer", "send_email", "sweep_outbox"}


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service of one function of each kind with a snapshot, and one without."""
    root = tmp_path_factory.mktemp("some")
    for file in _FILES:
        target = root / "functions" / f"{file}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "functions" / f"{file}.py", target)
    return root


@pytest.fixture(scope="module")
def snapshots(some: Path, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """That service in a stage in which some functions start from a snapshot."""
    context = {**NO_BUNDLING, "stage": "snapshots"}
    return templates_of(build(context, str(tmp_path_factory.mktemp("snapshots")), some, stages=STAGES))


def _aliased(stack: Stack) -> set[str]:
    """The operations that have an alias."""
    functions = stack.all("AWS::Lambda::Function")
    aliases = stack.all("AWS::Lambda::Alias").values()
    assert {alias["Name"] for alias in aliases} <= {"live"}
    return {functions[alias["FunctionName"]["Ref"]]["FunctionName"].split("-", 2)[2] for alias in aliases}


def _called(template: Any) -> str:
    """The function and alias in an ARN or name, as far as the template determines them."""
    match template:
        case {"Ref": id_}:
            return f"<{id_}>"
        case {"Fn::Join": ["", [{"Fn::Select": [6, {"Fn::Split": [":", {"Ref": alias}]}]}, ":live"]]}:
            return f"<{alias}>"
    return plain(template)


def test_named_functions_start_from_a_snapshot_of_their_version(snapshots: Templates) -> None:
    functions = snapshots.service.functions()
    applied = {name: function.get("SnapStart", {}).get("ApplyOn") for name, function in functions.items()}
    assert {name for name, apply_on in applied.items() if apply_on == "PublishedVersions"} == _SNAPPED
    assert {applied[name] for name in set(functions) - _SNAPPED} == {None}
    assert _aliased(snapshots.service) == _SNAPPED
    assert len(snapshots.service.all("AWS::Lambda::Version")) == len(_SNAPPED)
    assert snapshots.service.all("AWS::CodeDeploy::DeploymentGroup") == {}


def test_a_version_is_deleted_once_a_newer_one_has_replaced_it(snapshots: Templates) -> None:
    """Each retained version with a snapshot would cost money for its cache."""
    versions = [
        resource
        for resource in snapshots.service.template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Version"
    ]
    assert {version.get("DeletionPolicy", "Delete") for version in versions} == {"Delete"}


def test_the_gateway_calls_the_alias(snapshots: Templates) -> None:
    paths = snapshots.api.one("AWS::ApiGateway::RestApi")["Body"]["paths"]
    uris = {
        operation["operationId"]: plain(operation["x-amazon-apigateway-integration"]["uri"])
        for operations in paths.values()
        for operation in operations.values()
        if operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    }
    name = ":function:invoicing-snapshots-"
    assert uris["create_customer"].endswith(f"{name}create_customer:live/invocations")
    assert uris["get_customer"].endswith(f"{name}get_customer/invocations")


def test_queues_and_schedules_start_the_alias(snapshots: Templates) -> None:
    mappings = [
        _called(one["FunctionName"]) for one in snapshots.service.all("AWS::Lambda::EventSourceMapping").values()
    ]
    prefixes = sorted(mapping[: mapping.index("Function") if "Function" in mapping else -9] for mapping in mappings)
    assert prefixes == ["<PublishOutbox", "<RenderDocument", "<SendEmailLive"]
    schedules = {
        one["Name"].rpartition("-")[2]: one["Target"]["Arn"]
        for one in snapshots.service.all("AWS::Scheduler::Schedule").values()
    }
    assert _called(schedules["sweep_outbox"]).startswith("<SweepOutboxLive")
    assert plain(schedules["publish_hourly_tick"]).startswith("<PublishHourlyTickFunction")
    [role] = [role for id_, role in snapshots.service.all("AWS::IAM::Role").items() if id_.startswith("Scheduler")]
    [statement] = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert {plain(arn) for arn in statement["Resource"]} == {plain(arn) for arn in schedules.values()}


def test_a_snapshot_for_an_unknown_function_is_refused(some: Path, tmp_path: Path) -> None:
    refused = _refused('snap_start = ["create_invoice", "creat_invoice"]', some, tmp_path)
    assert refused == "snap_start: some has no function creat_invoice, create_invoice."


@pytest.mark.parametrize(
    ("reserved", "refused"),
    [
        ("authorise = 50", "reserved_concurrency: some has no function authorise."),
        ("send_email = 7", "reserved_concurrency: send_email needs at least 8, the consumer_concurrency."),
    ],
)
def test_workers_that_cannot_be_reserved_are_refused(reserved: str, refused: str, some: Path, tmp_path: Path) -> None:
    """Messages that a consumer has no worker for would count as failed and end in the dead-letter queue."""
    assert _refused(f"reserved_concurrency = {{ {reserved} }}", some, tmp_path) == refused


def _refused(settings: str, some: Path, tmp_path: Path) -> str:
    (tmp_path / "some.toml").write_text(settings)
    with pytest.raises(InvalidSettings) as refused:
        build({**NO_BUNDLING, "stage": "some"}, str(tmp_path / "out"), some, stages=tmp_path)
    return str(refused.value)


def test_a_canary_stage_shifts_and_rolls_back_on_an_alarm(everything: Templates) -> None:
    for stack in everything.of_functions:
        functions, groups = stack.functions(), stack.all("AWS::CodeDeploy::DeploymentGroup")
        assert len(groups) == len(functions)
        assert _aliased(stack) == set(functions)
        [of_api] = [id_ for id_ in stack.all("AWS::CloudWatch::Alarm") if id_.startswith("DeploymentAlarm")]
        for id_, group in groups.items():
            assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
            assert group["AlarmConfiguration"]["Enabled"] is True
            own, other = (alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"])
            assert other == of_api
            assert own.startswith(f"{id_.partition('Deployment')[0]}Version")
            assert set(group["AutoRollbackConfiguration"]["Events"]) >= {"DEPLOYMENT_STOP_ON_ALARM"}
        updates = [
            resource["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
            for resource in stack.template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::Alias"
        ]
        assert sorted(updates) == sorted(groups)


def test_a_rollback_follows_the_function_and_the_api_only(everything: Templates) -> None:
    """Other functions of the account must not roll back a deployment of this stage."""
    for stack in everything.of_functions:
        alarms = stack.all("AWS::CloudWatch::Alarm")
        aliases = stack.all("AWS::Lambda::Alias")
        [of_api] = [alarm for id_, alarm in alarms.items() if id_.startswith("DeploymentAlarm")]
        sums = [one["MetricStat"]["Metric"] for one in of_api["Metrics"] if "MetricStat" in one]
        assert {(one["MetricName"], one["Dimensions"][0]["Value"]) for one in sums} == {
            ("5XXError", "invoicing-everything"),
            ("UnexpectedErrors", "invoicing-everything"),
        }
        own = [alarm for id_, alarm in alarms.items() if "Version" in id_]
        assert len(own) == len(aliases)
        for alarm in own:
            operation = alarm["AlarmName"].removeprefix("invoicing-everything-Deployment-")
            assert alarm["MetricName"] == "Errors"
            assert {one["Name"] for one in alarm["Dimensions"]} == {"FunctionName", "Resource"}
            assert operation in stack.functions()
            assert alarm["Period"] == 60


def test_a_linear_stage_moves_a_tenth_of_the_traffic_a_minute(some: Path, tmp_path: Path) -> None:
    (tmp_path / "some.toml").write_text('deployments = "linear"\nfirewall = false')
    found = templates_of(build({**NO_BUNDLING, "stage": "some"}, str(tmp_path / "out"), some, stages=tmp_path))
    groups = found.service.all("AWS::CodeDeploy::DeploymentGroup").values()
    assert [group["DeploymentConfigName"] for group in groups] == [
        "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
    ] * len(_FILES)


def test_an_unwatched_stage_moves_the_alias_despite_alarms(some: Path, tmp_path: Path) -> None:
    (tmp_path / "some.toml").write_text('deployments = "unwatched"\nfirewall = false')
    found = templates_of(build({**NO_BUNDLING, "stage": "some"}, str(tmp_path / "out"), some, stages=tmp_path))
    groups = found.service.all("AWS::CodeDeploy::DeploymentGroup").values()
    assert [group["DeploymentConfigName"] for group in groups] == ["CodeDeployDefault.LambdaAllAtOnce"] * len(_FILES)
    assert {group["AlarmConfiguration"]["Enabled"] for group in groups} == {False}
    assert len(_aliased(found.service)) == len(_FILES)


def test_an_alias_keeps_the_mappings_of_queues_and_stream(templates: Templates, everything: Templates) -> None:
    """A mapping with another logical id would be another mapping, and read the last day of the stream again."""
    without, with_alias = (found.service.all("AWS::Lambda::EventSourceMapping") for found in (templates, everything))
    assert [id_ for id_ in without if "FunctionStream" in id_]
    assert set(without) <= set(with_alias)
    assert [id_ for id_, one in without.items() if not _called(one["FunctionName"]).endswith(">")] == []
    assert [id_ for id_, one in with_alias.items() if "Live" not in _called(one["FunctionName"])] == []


def test_codedeploy_may_move_the_aliases_of_its_stage_only(everything: Templates) -> None:
    for stack in everything.of_functions:
        [role] = [role for id_, role in stack.all("AWS::IAM::Role").items() if id_.startswith("DeploymentRole")]
        moves, watches = role["Policies"][0]["PolicyDocument"]["Statement"]
        assert actions(moves) == ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
        assert plain(moves["Resource"]).endswith(":function:invoicing-everything-*")
        assert actions(watches) == ["cloudwatch:DescribeAlarms"]
        assert "ManagedPolicyArns" not in role


def test_a_stage_without_these_settings_has_no_versions(templates: Templates) -> None:
    for type_ in ("AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CodeDeploy::Application"):
        assert templates.service.all(type_) == {}
