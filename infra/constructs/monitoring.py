"""One alarm per kind of trouble over all functions, one per function that is flagged, one dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings
from invoicing.observability import NAMESPACE

_FIVE_MINUTES = Duration.minutes(5)
_METRICS_AN_ALARM = 10
_UNEXPECTED = "UnexpectedErrors"


@dataclass(frozen=True)
class Watched:
    """What there is to watch; functions by the name of their operation."""

    api: apigateway.SpecRestApi
    table: dynamodb.ITableV2
    stream_consumers: Sequence[lambda_.IFunction]
    canaries: Mapping[str, lambda_.IFunction]
    failures: Sequence[sqs.IQueue]


def monitor(scope: Construct, settings: Settings, watched: Watched) -> sns.Topic:
    """Alarms to a topic, and to the address that the stage names; a dashboard of the same."""
    topic = sns.Topic(scope, "Alarms", display_name=f"{settings.name} alarms")
    if settings.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
    alarms = [
        _alarm(scope, name, metric, text, threshold=threshold)
        for name, (metric, text, threshold) in _kinds(settings, watched).items()
    ]
    for operation, function in watched.canaries.items():
        unexpected = _unexpected(settings, operation=operation)
        faults = _sum([function.metric_errors(period=_FIVE_MINUTES), unexpected], f"{operation} faults")
        alarms.append(_alarm(scope, f"Canary-{operation}", faults, f"{operation} fails."))
    for alarm in alarms:
        alarm.add_alarm_action(actions.SnsAction(topic))
        alarm.add_ok_action(actions.SnsAction(topic))
    _dashboard(scope, settings, watched, alarms)
    return topic


def _kinds(settings: Settings, watched: Watched) -> dict[str, tuple[cloudwatch.IMetric, str, float]]:
    """Metric, meaning and threshold of each kind of trouble."""
    # An alarm computes with ten metrics at most, so these two are Lambda's own sums over the region. That also sees
    # other functions of the account; the ones about answers, queues and unexpected errors see this stage only.
    kinds: dict[str, tuple[cloudwatch.IMetric, str, float]] = {
        "Errors": (_of_all("Errors"), "A function crashed, ran out of time or could not start.", 0),
        "Throttles": (_of_all("Throttles"), "More functions were to run at once than the account may.", 0),
        "Unexpected": (_unexpected(settings), "Something that nobody foresaw was answered with 500.", 0),
        "ServerErrors": (
            watched.api.metric_server_error(statistic="Sum", period=_FIVE_MINUTES),
            "The API answered with 5xx.",
            0,
        ),
    }
    for number, queues in enumerate(batched(watched.failures, _METRICS_AN_ALARM, strict=False)):
        depths = [queue.metric_approximate_number_of_messages_visible(statistic="Maximum") for queue in queues]
        text = "An event could not be worked off and lies in a dead-letter queue."
        kinds[f"Failures{number or ''}"] = (_sum(depths, "messages in dead-letter queues"), text, 0)
    for number, functions in enumerate(batched(watched.stream_consumers, _METRICS_AN_ALARM, strict=False)):
        ages = [function.metric("IteratorAge", statistic="Maximum", period=_FIVE_MINUTES) for function in functions]
        text = "The table's stream is read more than a minute late; it keeps what it has for a day."
        kinds[f"StreamAge{number or ''}"] = (_sum(ages, "milliseconds behind the stream"), text, 60_000)
    return kinds


def _of_all(name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(namespace="AWS/Lambda", metric_name=name, statistic="Sum", period=_FIVE_MINUTES)


def _unexpected(settings: Settings, **dimensions: str) -> cloudwatch.Metric:
    """What the kit counts in its log lines: a function that answers 500 has not failed for Lambda."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=_UNEXPECTED,
        dimensions_map={"service": settings.name, **dimensions},
        statistic="Sum",
        period=_FIVE_MINUTES,
    )


def _sum(metrics: Sequence[cloudwatch.IMetric], label: str) -> cloudwatch.MathExpression:
    named = {f"m{number}": metric for number, metric in enumerate(metrics)}
    # A metric that nobody has reported to yet has no value at all.
    expression = " + ".join(f"FILL({name}, 0)" for name in named)
    return cloudwatch.MathExpression(expression=expression, using_metrics=named, label=label, period=_FIVE_MINUTES)


def _alarm(
    scope: Construct, name: str, metric: cloudwatch.IMetric, text: str, *, threshold: float = 0
) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        f"{name}Alarm",
        alarm_description=text,
        metric=metric,
        threshold=threshold,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _dashboard(scope: Construct, settings: Settings, watched: Watched, alarms: Sequence[cloudwatch.Alarm]) -> None:
    dashboard = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=settings.name)
    api = watched.api
    dashboard.add_widgets(
        cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3),
        _graph("Requests", api.metric_count(), api.metric_client_error(), api.metric_server_error()),
        _graph("Latency", api.metric_latency(statistic="p50"), api.metric_latency(statistic="p99")),
        _graph("Slowest functions, p99", _by_function(settings, "Duration", "p99")),
        _graph("Errors by function", _by_function(settings, "Errors", "Sum")),
        _graph(
            "Table units",
            watched.table.metric_consumed_read_capacity_units(),
            watched.table.metric_consumed_write_capacity_units(),
        ),
        _graph(
            "Waiting in dead-letter queues",
            *(queue.metric_approximate_number_of_messages_visible() for queue in watched.failures),
        ),
    )


def _by_function(settings: Settings, name: str, statistic: str) -> cloudwatch.MathExpression:
    # Unquoted words match parts of names; a quoted one would have to be a whole name.
    search = f'{{AWS/Lambda,FunctionName}} MetricName="{name}" invoicing {settings.stage}'
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{search}', '{statistic}', 300)", using_metrics={}, label="", period=_FIVE_MINUTES
    )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12, height=6)
