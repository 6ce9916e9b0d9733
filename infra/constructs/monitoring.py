"""Alarms per kind of trouble and per flagged function, each in the stack of its resource; one dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import NamedTuple

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import names
from infra.settings import Settings
from invoicing.observability import NAMESPACE

_FIVE_MINUTES = Duration.minutes(5)
_MINUTE = Duration.minutes(1)
_METRICS_AN_ALARM = 10
_UNEXPECTED = "UnexpectedErrors"


@dataclass(frozen=True)
class Watched:
    """The parts of a functions' stack that alarms watch; functions by the name of their operation."""

    stream_consumers: Sequence[lambda_.IFunction]
    canaries: Mapping[str, lambda_.IFunction]
    failures: Sequence[sqs.IQueue]


def watch_functions(scope: Construct, settings: Settings, stack: str, watched: Watched) -> list[str]:
    """The alarms of one functions' stack; their names. They publish to the topic of the service."""
    topic = sns.Topic.from_topic_arn(scope, "Alarms", names.alarm_topic_arn(settings))
    kinds = _queues(watched.failures) | _streams(watched.stream_consumers) | _canaries(settings, watched.canaries)
    named = {kind: f"{settings.name}-{stack}-{kind}" for kind in kinds}
    for kind, trouble in kinds.items():
        _publish(_alarm(scope, kind, named[kind], trouble), topic)
    return list(named.values())


def deployment_alarm(scope: Construct, settings: Settings, stack: str) -> cloudwatch.Alarm:
    """The alarm that rolls back the deployments of a functions' stack: the API or a function of the stage returns 5xx.

    The gateway is deployed after the functions, so its metric is referred to by the name of the API.
    """
    responses = cloudwatch.Metric(
        namespace="AWS/ApiGateway", metric_name="5XXError", dimensions_map={"ApiName": settings.name}, statistic="Sum"
    )
    metrics = [metric.with_(period=_MINUTE) for metric in (responses, _unexpected(settings))]
    faults = _sum(metrics, "faults").with_(period=_MINUTE)
    trouble = _Trouble(faults, "The API responded with 5xx while a new version received traffic.")
    return _alarm(scope, "Deployment", f"{settings.name}-{stack}-Deployment", trouble)


def version_alarm(scope: Construct, settings: Settings, operation: str, alias: lambda_.Alias) -> cloudwatch.Alarm:
    """The alarm that rolls back the deployment of one function: it crashed, ran out of time or could not start."""
    trouble = _Trouble(alias.metric_errors(period=_MINUTE), f"{operation} failed while a new version received traffic.")
    return _alarm(scope, "Version", f"{settings.name}-Deployment-{operation}", trouble)


def monitor(
    scope: Construct,
    settings: Settings,
    *,
    api: apigateway.SpecRestApi,
    table: dynamodb.ITableV2,
    alarms_of_functions: Sequence[str],
    key: kms.IKey | None,
) -> sns.Topic:
    """The topic of all alarms, with the address that the stage names; alarms about all functions; a dashboard."""
    topic = sns.Topic(
        scope,
        "Alarms",
        topic_name=names.alarm_topic_name(settings),
        display_name=f"{settings.name} alarms",
        master_key=key,
    )
    if settings.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
    alarms = [
        _alarm(scope, kind, f"{settings.name}-{kind}", trouble)
        for kind, trouble in _of_the_stage(settings, api).items()
    ]
    for alarm in alarms:
        _publish(alarm, topic)
    others = [cloudwatch.Alarm.from_alarm_arn(scope, name, names.alarm_arn(name)) for name in alarms_of_functions]
    _dashboard(scope, settings, api, table, [*alarms, *others])
    return topic


class _Trouble(NamedTuple):
    """A kind of trouble: its metric, its meaning, and the threshold of its alarm."""

    metric: cloudwatch.IMetric
    text: str
    threshold: float = 0


def _of_the_stage(settings: Settings, api: apigateway.SpecRestApi) -> dict[str, _Trouble]:
    # An alarm computes with ten metrics at most, so these two are Lambda's own sums over the region. That also sees
    # other functions of the account; the ones about responses, queues and unexpected errors see this stage only.
    return {
        "Errors": _Trouble(_of_all("Errors"), "A function crashed, ran out of time or could not start."),
        "Throttles": _Trouble(_of_all("Throttles"), "More functions were to run at once than the account may."),
        "Unexpected": _Trouble(_unexpected(settings), "An unexpected error was returned with status 500."),
        "DeferredEmails": _Trouble(
            _counted(settings, "DeferredEmails"),
            "SES accepts no e-mail: see its quota, its rate, the account's status and the stage's identities.",
        ),
        "UnpublishableEvents": _Trouble(
            _counted(settings, "UnpublishableEvents"), "The bus refuses an event; it was put aside in the outbox."
        ),
        "ServerErrors": _Trouble(
            api.metric_server_error(statistic="Sum", period=_FIVE_MINUTES), "The API responded with 5xx."
        ),
    }


def _queues(failures: Sequence[sqs.IQueue]) -> dict[str, _Trouble]:
    text = "An event could not be worked off and lies in a dead-letter queue."
    kinds = {}
    for number, queues in enumerate(batched(failures, _METRICS_AN_ALARM, strict=False)):
        depths = [queue.metric_approximate_number_of_messages_visible(statistic="Maximum") for queue in queues]
        kinds[f"Failures{number or ''}"] = _Trouble(_sum(depths, "messages in dead-letter queues"), text)
    return kinds


def _streams(consumers: Sequence[lambda_.IFunction]) -> dict[str, _Trouble]:
    text = "The table's stream is read more than a minute late; it keeps what it has for a day."
    kinds = {}
    for number, functions in enumerate(batched(consumers, _METRICS_AN_ALARM, strict=False)):
        ages = [function.metric("IteratorAge", statistic="Maximum", period=_FIVE_MINUTES) for function in functions]
        kinds[f"StreamAge{number or ''}"] = _Trouble(_sum(ages, "milliseconds behind the stream"), text, 60_000)
    return kinds


def _canaries(settings: Settings, canaries: Mapping[str, lambda_.IFunction]) -> dict[str, _Trouble]:
    kinds = {}
    for operation, function in canaries.items():
        unexpected = _unexpected(settings, operation=operation)
        faults = _sum([function.metric_errors(period=_FIVE_MINUTES), unexpected], f"{operation} faults")
        kinds[f"Canary-{operation}"] = _Trouble(faults, f"{operation} fails.")
    return kinds


def _publish(alarm: cloudwatch.Alarm, topic: sns.ITopic) -> None:
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))


def _of_all(name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(namespace="AWS/Lambda", metric_name=name, statistic="Sum", period=_FIVE_MINUTES)


def _unexpected(settings: Settings, **dimensions: str) -> cloudwatch.Metric:
    """The count of unexpected errors in log lines: for Lambda, a function that responds with 500 has not failed."""
    return _counted(settings, _UNEXPECTED, **dimensions)


def _counted(settings: Settings, name: str, **dimensions: str) -> cloudwatch.Metric:
    """A metric of this stage that functions write in their log lines."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": settings.name, **dimensions},
        statistic="Sum",
        period=_FIVE_MINUTES,
    )


def _sum(metrics: Sequence[cloudwatch.IMetric], label: str) -> cloudwatch.MathExpression:
    named = {f"m{number}": metric for number, metric in enumerate(metrics)}
    # A metric without reports yet has no value at all.
    expression = " + ".join(f"FILL({name}, 0)" for name in named)
    return cloudwatch.MathExpression(expression=expression, using_metrics=named, label=label, period=_FIVE_MINUTES)


def _alarm(scope: Construct, kind: str, name: str, trouble: _Trouble) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        f"{kind}Alarm",
        alarm_name=name,
        alarm_description=trouble.text,
        metric=trouble.metric,
        threshold=trouble.threshold,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _dashboard(
    scope: Construct,
    settings: Settings,
    api: apigateway.SpecRestApi,
    table: dynamodb.ITableV2,
    alarms: Sequence[cloudwatch.IAlarm],
) -> None:
    dashboard = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=settings.name)
    dashboard.add_widgets(
        cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3),
        _graph("Requests", api.metric_count(), api.metric_client_error(), api.metric_server_error()),
        _graph("Latency", api.metric_latency(statistic="p50"), api.metric_latency(statistic="p99")),
        _graph("Slowest functions, p99", _by_function(settings, "Duration", "p99")),
        _graph("Errors by function", _by_function(settings, "Errors", "Sum")),
        _graph(
            "Table units", table.metric_consumed_read_capacity_units(), table.metric_consumed_write_capacity_units()
        ),
        _graph("Invoices that dunning skips", _counted(settings, "DunningSkipped")),
        _graph("Waiting in dead-letter queues", _in_dead_letter_queues(settings)),
    )


def _by_function(settings: Settings, name: str, statistic: str) -> cloudwatch.MathExpression:
    # Unquoted words match parts of names; a quoted one would have to be a whole name.
    search = f'{{AWS/Lambda,FunctionName}} MetricName="{name}" invoicing {settings.stage}'
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{search}', '{statistic}', 300)", using_metrics={}, label="", period=_FIVE_MINUTES
    )


def _in_dead_letter_queues(settings: Settings) -> cloudwatch.MathExpression:
    # The queues have generated names, `invoicing-<stage>-<stack>-<Function>Failures…`, in which words are matched.
    search = (
        f'{{AWS/SQS,QueueName}} MetricName="ApproximateNumberOfMessagesVisible" invoicing {settings.stage} Failures'
    )
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{search}', 'Maximum', 300)", using_metrics={}, label="", period=_FIVE_MINUTES
    )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12, height=6)
