"""The target of calls: a function, or the alias of its newest version where the stage publishes versions."""

from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import names
from infra.constructs.monitoring import version_alarm
from infra.settings import Settings

_STEPS = {
    "canary": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "linear": codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE,
    "unwatched": codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE,
}
"""The steps of each kind of deployment."""


@dataclass(frozen=True)
class Shift:
    """Shifts the traffic of a stack's functions to a new version step by step, and back on an alarm.

    `alarm` watches the API and the stage; each function also has an alarm of its own.
    """

    application: codedeploy.ILambdaApplication
    role: iam.IRole
    alarm: cloudwatch.IAlarm


def shift(scope: Construct, settings: Settings, alarm: cloudwatch.IAlarm) -> Shift:
    """The CodeDeploy application of a stack, and the role with which it moves the stage's aliases."""
    application = codedeploy.LambdaApplication(scope, "Deployments")
    moves = iam.PolicyStatement(
        actions=["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
        resources=[names.function_arn(settings, "*")],
    )
    watches = iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=[names.alarm_arn("*")])
    role = iam.Role(
        scope,
        "DeploymentRole",
        assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
        inline_policies={"Shift": iam.PolicyDocument(statements=[moves, watches])},
    )
    # The role is complete; the CDK would attach a managed policy that is about all functions of the account.
    return Shift(application, role.without_policy_updates(), alarm)


def live(
    scope: Construct, settings: Settings, operation: str, function: lambda_.Function, by: Shift | None
) -> lambda_.IFunction:
    """The function itself, or its alias. `by` shifts the alias to a new version; without it the alias moves at once."""
    if not settings.has_alias(operation):
        return function
    alias = lambda_.Alias(scope, "Live", alias_name=names.ALIAS, version=function.current_version)
    if by is not None:
        codedeploy.LambdaDeploymentGroup(
            scope,
            "Deployment",
            application=by.application,
            alias=alias,
            deployment_config=_STEPS[settings.deployments],
            alarms=[version_alarm(scope, settings, operation, alias), by.alarm],
            # A fix must be deployable while an alarm is raised.
            ignore_alarm_configuration=settings.deployments == "unwatched",
            role=by.role,
        )
    return alias
