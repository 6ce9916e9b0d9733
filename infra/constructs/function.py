"""One Lambda per declared function: its code alone, a role with exactly its grants, and its own log group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import names
from infra.constructs.environment import ALWAYS
from infra.constructs.key import uses_of_key
from infra.discovery import DeclaredFunction
from infra.settings import Settings
from invoicing.aws.grants import Grant, Resource
from invoicing.http.declaration import Layer

_ON_INDEXES = "dynamodb:Query"


@dataclass(frozen=True)
class Granted:
    """A resource that functions may be granted: the value of its environment variable, and its ARNs."""

    value: str
    arns: tuple[str, ...]
    """Empty if the stage has nothing that could be permitted."""
    index_arns: tuple[str, ...] = ()
    container_arn: str | None = None
    """The ARN of the container (the bucket of objects), to which permissions to list apply."""
    conditions: Mapping[str, Mapping[str, Sequence[str]]] | None = None
    """IAM conditions on every use of the resource."""

    def arns_for(self, action: str) -> tuple[str, ...]:
        """The ARNs that an action applies to."""
        return (self.container_arn,) if self.container_arn and ":List" in action else self.arns


@dataclass(frozen=True)
class SharedResources:
    """The resources that all functions of a service share."""

    settings: Settings
    root: Path
    resources: Mapping[Resource, Granted]
    layers: Sequence[lambda_.ILayerVersion]
    further_layers: Mapping[Layer, lambda_.ILayerVersion]
    key: kms.IKey | None = None
    """The key that encrypts the resources and the logs, where the stage has its own."""


def function(
    scope: Construct,
    found: DeclaredFunction,
    shared: SharedResources,
    *,
    environment: Mapping[str, str],
    statements: Iterable[iam.PolicyStatement] = (),
) -> lambda_.Function:
    """The Lambda of one file. `environment` and `statements` are the needs of its kind beside its grants."""
    declared, settings = found.declaration, shared.settings
    name = names.function_name(settings, found.name)
    log_group = logs.LogGroup(
        scope,
        "Logs",
        log_group_name=f"/aws/lambda/{name}",
        retention=settings.log_retention,
        encryption_key=shared.key,
        removal_policy=RemovalPolicy.DESTROY,
    )
    granted = [*_granted(declared.grants, shared.resources), *statements]
    allowed = [*granted, *uses_of_key(granted, shared.key), _writes_logs(log_group), _writes_traces()]
    role = iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"Grants": iam.PolicyDocument(statements=allowed)},
    )
    return lambda_.Function(
        scope,
        "Function",
        function_name=name,
        description=found.file.as_posix(),
        runtime=lambda_.Runtime.PYTHON_3_13,
        architecture=settings.cpu,
        handler=f"{found.file.with_suffix('').as_posix()}.handler",
        code=lambda_.Code.from_asset(str(shared.root), exclude=_all_but(found.file), ignore_mode=IgnoreMode.GIT),
        layers=[*shared.layers, *(shared.further_layers[layer] for layer in declared.layers)],
        memory_size=declared.memory,
        timeout=Duration.seconds(declared.timeout),
        tracing=lambda_.Tracing.ACTIVE,
        log_group=log_group,
        reserved_concurrent_executions=settings.reserved_concurrency.get(found.name),
        snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if found.name in settings.snap_start else None,
        # The role is complete; the CDK would add a separate policy resource to each.
        role=role.without_policy_updates(),
        environment={
            "STAGE": settings.stage,
            "POWERTOOLS_SERVICE_NAME": settings.name,
            **ALWAYS,
            # Read at each request if it is on. The cost of test clocks does not matter: no real stage has them.
            **({"TEST_CLOCKS": "on"} if settings.embedded else {}),
            **{grant.resource.value: shared.resources[grant.resource].value for grant in declared.grants},
            **environment,
        },
    )


def _all_but(file: PurePath) -> list[str]:
    """Ignore rules that leave one file of the whole project."""
    rules = ["/*"]
    for folder in reversed(file.parents[:-1]):
        rules += [f"!/{folder.as_posix()}", f"/{folder.as_posix()}/*"]
    return [*rules, f"!/{file.as_posix()}"]


def _granted(grants: Iterable[Grant], resources: Mapping[Resource, Granted]) -> list[iam.PolicyStatement]:
    """One statement for each resource with all actions that are granted on it."""
    by_resource: dict[Resource, list[Grant]] = {}
    for grant in grants:
        by_resource.setdefault(grant.resource, []).append(grant)
    statements = []
    for resource, of_it in by_resource.items():
        granted = resources[resource]
        within = _within({partition for grant in of_it for partition in grant.partitions}) or granted.conditions
        allowed: dict[tuple[str, ...], list[str]] = {}
        for action in (one for grant in of_it for one in grant.actions):
            allowed.setdefault(granted.arns_for(action), []).append(action)
        statements += [
            iam.PolicyStatement(actions=actions, resources=list(arns), conditions=within)
            for arns, actions in allowed.items()
            if arns
        ]
        if granted.index_arns and Grant.READ in of_it:
            on_indexes = iam.PolicyStatement(
                actions=[_ON_INDEXES], resources=list(granted.index_arns), conditions=within
            )
            statements.append(on_indexes)
    return statements


def _within(partitions: Iterable[str]) -> Mapping[str, Any] | None:
    """Of a table, only these partitions: each key of a request begins as one of them."""
    patterns = sorted(partitions)
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": patterns}} if patterns else None


def _writes_logs(log_group: logs.LogGroup) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
    )


def _writes_traces() -> iam.PolicyStatement:
    # X-Ray knows no resources for these.
    return iam.PolicyStatement(actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"])
