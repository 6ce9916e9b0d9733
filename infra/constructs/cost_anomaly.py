"""The alarm about unusual costs of a stage: AWS compares each day with the days before."""

import json

from aws_cdk import Aws
from aws_cdk import aws_ce as ce
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.settings import Settings

_IMPACT = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"


def cost_anomaly(scope: Construct, settings: Settings, topic: sns.Topic) -> None:
    """Publish an anomaly of at least `thresholds.cost_usd` to the topic. The cost of a stage is found by its tag."""
    threshold = settings.thresholds.cost_usd
    if threshold is None:
        return
    tagged = {"Tags": {"Key": "service", "Values": [settings.name]}}
    monitor = ce.CfnAnomalyMonitor(
        scope,
        "CostMonitor",
        monitor_name=f"{settings.name}-cost",
        monitor_type="CUSTOM",
        monitor_specification=json.dumps(tagged),
    )
    at_least = {"Dimensions": {"Key": _IMPACT, "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": [str(threshold)]}}
    subscription = ce.CfnAnomalySubscription(
        scope,
        "CostAnomaly",
        subscription_name=f"{settings.name}-cost",
        frequency="IMMEDIATE",
        monitor_arn_list=[monitor.attr_monitor_arn],
        subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(address=topic.topic_arn, type="SNS")],
        threshold_expression=json.dumps(at_least),
    )
    # The policy replaces the default one of SNS, which lets the account's alarms publish.
    publishes = iam.PolicyStatement(
        actions=["sns:Publish"],
        principals=[iam.ServicePrincipal(f"{name}.amazonaws.com") for name in ("costalerts", "cloudwatch")],
        resources=[topic.topic_arn],
        conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
    )
    allowed = topic.add_to_resource_policy(publishes).policy_dependable
    if allowed is not None:
        subscription.node.add_dependency(allowed)
