"""The rules of cdk-nag, AWS Solutions and Serverless. Each accepted finding has its reason, and is one."""

import re
from typing import NamedTuple

import pytest
from aws_cdk import App
from cdk_nag import AwsSolutionsChecks, ServerlessChecks


class Accepted(NamedTuple):
    """A finding that stays: the beginning of its rule, a pattern of the whole path of the construct, and the reason."""

    rule: str
    where: str
    reason: str


_FUNCTION = r"[a-z]+/[A-Z]\w+/Function/Resource"
_ROLE = r"[a-z]+/[A-Z]\w+/Role/Resource"
_DEAD_LETTERS = r"[a-z]+/[A-Z]\w+/Failures/Resource"
_STAGE = r"service/Api/DeploymentStage\.v1/Resource"
_OTHER_STACK = re.compile(
    r'\{"Fn::GetStackOutput":\{[^{}]*(?:\{[^{}]*\}[^{}]*)*"PublishOutputFnGetAtt(\w+?)Arn\w+"\}\}'
)
"""A resource of another stack, as a rule names it once the app was synthesized; before, it has the resource's name."""
_SAME_RUNTIME = "The packages of the layers are pinned, built and tested for Python 3.13, which Lambda supports."
_TOKENS = "Traces and execution logs of the gateway contain paths, and with them the tokens of download links."

ACCEPTED = (
    Accepted("AwsSolutions-APIG2", "service/Api/Resource", "Functions check requests, and name each mistake."),
    Accepted("AwsSolutions-APIG6", _STAGE, _TOKENS),
    Accepted("Serverless-APIGWXrayEnabled", _STAGE, _TOKENS),
    Accepted(
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
        "service/Api/CloudWatchRole/Resource",
        "API Gateway requires this policy of AWS for the role of the account.",
    ),
    Accepted(
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/",
        "data/(Backup|Restore)Role/Resource",
        "AWS extends these policies with the resource types that AWS Backup supports.",
    ),
    Accepted("AwsSolutions-IAM5[Action::kms:", _ROLE, "The actions that DynamoDB documents; the key is named."),
    Accepted("AwsSolutions-IAM5[Resource::*]", _ROLE, "X-Ray has no resources for its actions."),
    Accepted("AwsSolutions-IAM5[Resource::<Files", _ROLE, "The objects of the bucket; their keys are not known."),
    Accepted("AwsSolutions-IAM5[Resource::<Table", _ROLE, "The indexes of the table, and the versions of its stream."),
    Accepted(
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:",
        r"[a-z]+/(DeploymentRole|GatewayRole)/Resource",
        "The functions of one stage, whose names begin with the stage; their ARNs do not fit into a policy.",
    ),
    Accepted(
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudwatch:",
        r"[a-z]+/DeploymentRole/Resource",
        "CodeDeploy reads the states of alarms, which change nothing.",
    ),
    Accepted(
        "AwsSolutions-IAM5[Resource::", "data/ReplicationRole/DefaultPolicy/Resource", "The objects of both buckets."
    ),
    Accepted("AwsSolutions-L1", _FUNCTION, _SAME_RUNTIME),
    Accepted("Serverless-LambdaLatestVersion", _FUNCTION, _SAME_RUNTIME),
    Accepted("AwsSolutions-S1", "replica/Replica/Resource", "Only S3 itself writes the replica, and nobody reads it."),
    Accepted("AwsSolutions-S1", "data/Files/Resource", "By setting: the log of accesses is off by default."),
    Accepted("AwsSolutions-SMG4", "data/CursorSecret/Resource", "It signs cursors of lists, and protects no data."),
    Accepted("AwsSolutions-SNS3", "service/Alarms/Resource", "Only alarms publish to it, from within AWS."),
    Accepted("AwsSolutions-SQS3", _DEAD_LETTERS, "It is the dead-letter queue of a stream, and has none itself."),
    Accepted("Serverless-SQSRedrivePolicy", _DEAD_LETTERS, "It is a dead-letter queue, and has none itself."),
    Accepted(
        "Serverless-SNSRedrivePolicy",
        "service/Alarms/alarms@example.com/Resource",
        "The dashboard shows an alarm whose e-mail was not delivered.",
    ),
    Accepted(
        "Serverless-LambdaDLQ",
        _FUNCTION,
        "Gateway and queues invoke synchronously, queues have dead-letter queues, and schedules run again.",
    ),
    Accepted(
        "Serverless-LambdaEventSourceMappingDestination",
        r"[a-z]+/[A-Z]\w+/Function/Events/Resource",
        "A queue has its dead-letter queue in its redrive policy.",
    ),
    Accepted("Serverless-LambdaStarPermissions", _ROLE, "The same wildcards as above: traces, indexes and objects."),
)


def _findings(app: App) -> set[tuple[str, str]]:
    """Rule and path of each finding; the path without the name of the stage."""
    found = set()
    for pack in (AwsSolutionsChecks(app), ServerlessChecks(app)):
        for violation in pack.validate_scope(app).violations:
            rule = _OTHER_STACK.sub(r"<\1.Arn>", violation.rule_name)
            for resource in violation.violating_resources:
                _, _, path = (resource.construct_path or "").split("-", 2)
                found.add((rule, path))
    return found


@pytest.fixture(scope="module")
def findings(default_app: App, everything_app: App) -> set[tuple[str, str]]:
    """The findings in a stage without settings, and in one with all of them."""
    return _findings(default_app) | _findings(everything_app)


def _accepts(one: Accepted, rule: str, path: str) -> bool:
    return rule.startswith(one.rule) and re.fullmatch(one.where, path) is not None


def test_cdk_nag_finds_nothing_that_is_not_accepted(findings: set[tuple[str, str]]) -> None:
    assert [found for found in sorted(findings) if not any(_accepts(one, *found) for one in ACCEPTED)] == []


def test_each_accepted_finding_is_still_found(findings: set[tuple[str, str]]) -> None:
    assert [one.rule for one in ACCEPTED if not any(_accepts(one, *found) for found in findings)] == []


def test_cdk_nag_would_find_something(findings: set[tuple[str, str]]) -> None:
    """The packs read the whole tree: a rule about every function finds every function."""
    functions = {path for rule, path in findings if rule == "AwsSolutions-L1"}
    assert {"access/Authorize/Function/Resource", "files/RenderDocument/Function/Resource"} <= functions
