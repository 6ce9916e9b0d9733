"""Alarms per kind of trouble and per flagged function, each in the stack of its resource; one dashboard."""

import re
from collections.abc import Callable, Mapping, Sequence
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
from infra.constructs.cost_anomaly import cost_anomaly
from infra.settings import Settings
from invoicing.observability import NAMESPACE
from invoicing.outbox.publishing import COUNTED_EVENTS

_FIVE_MINUTES = Duration.minutes(5)
_MINUTE = Duration.minutes(1)
_METRICS_AN_ALARM = 10
_UNEXPECTED = "UnexpectedErrors"


@dataclass(frozen=True)
class Watched:
    """The parts of a functions' stack that alarms watch; functions by the name of their operation."""

    stream_consumers: Sequence[lambda_.IFunction]
    schedules: Sequence[lambda_.IFunction]
    canaries: Mapping[str, lambda_.IFunction]
    failures: Sequence[sqs.IQueue]
    rendering: Sequence[sqs.IQueue]
    """The queues of single documents that wait to be rendered."""
    backlogs: Sequence[sqs.IQueue]
    """The queues of documents that wait by the thousand after a billing run."""


def watch_functions(scope: Construct, settings: Settings, stack: str, watched: Watched) -> list[str]:
    """The alarms of one functions' stack; their names. They publish to the topic of the service."""
    topic = sns.Topic.from_topic_arn(scope, "Alarms", names.alarm_topic_arn(settings))
    kinds = {
        **_queues(settings, watched.failures),
        **_streams(settings, watched.stream_consumers),
        **_schedules(settings, watched.schedules),
        **_late("RenderingLate", watched.rendering, settings.thresholds.rendering_seconds),
        **_late("RunRenderingLate", watched.backlogs, settings.thresholds.run_rendering_seconds),
        **_canaries(settings, watched.canaries),
    }
    named = {kind: f"{settings.name}-{stack}-{kind}" for kind in kinds}
    for kind, trouble in kinds.items():
        _publish(_alarm(scope, settings, kind, named[kind], trouble), topic)
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
    trouble = _Trouble(faults, "The API responded with 5xx while a new version received traffic.", "Failed deployment")
    return _alarm(scope, settings, "Deployment", f"{settings.name}-{stack}-Deployment", trouble)


def version_alarm(scope: Construct, settings: Settings, operation: str, alias: lambda_.Alias) -> cloudwatch.Alarm:
    """The alarm that rolls back the deployment of one function: it crashed, ran out of time or could not start."""
    text = f"{operation} failed while a new version received traffic."
    trouble = _Trouble(alias.metric_errors(period=_MINUTE), text, "Failed deployment")
    return _alarm(scope, settings, "Version", f"{settings.name}-Deployment-{operation}", trouble)


class Charted(NamedTuple):
    """The resources of a stage that the dashboard shows; `authorizer` is the function of that purpose."""

    api: apigateway.SpecRestApi
    table: dynamodb.ITableV2
    authorizer: str
    alarms_of_functions: Sequence[str]


def monitor(scope: Construct, settings: Settings, charted: Charted, *, key: kms.IKey | None) -> sns.Topic:
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
        _alarm(scope, settings, kind, f"{settings.name}-{kind}", trouble)
        for kind, trouble in _of_the_stage(settings, charted.api, charted.authorizer).items()
    ]
    for alarm in alarms:
        _publish(alarm, topic)
    cost_anomaly(scope, settings, topic)
    others = [
        cloudwatch.Alarm.from_alarm_arn(scope, name, names.alarm_arn(name)) for name in charted.alarms_of_functions
    ]
    _dashboard(scope, settings, charted.api, charted.table, [*alarms, *others])
    return topic


class _Trouble(NamedTuple):
    """A kind of trouble: its metric, its meaning, the heading of its runbook, and the threshold of its alarm."""

    metric: cloudwatch.IMetric
    text: str
    runbook: str
    threshold: float = 0


def _of_the_stage(settings: Settings, api: apigateway.SpecRestApi, authorizer: str) -> dict[str, _Trouble]:
    limits = settings.thresholds
    # A failed function of an endpoint is a 5xx here, and a failed consumer leaves a message in a dead-letter queue.
    return {
        "ServerErrors": _Trouble(
            api.metric_server_error(statistic="Sum", period=_FIVE_MINUTES),
            "The API responded with 5xx.",
            "Unexpected errors",
            limits.server_errors,
        ),
        "Unexpected": _Trouble(
            _unexpected(settings),
            "An unexpected error was returned with status 500.",
            "Unexpected errors",
            limits.unexpected_errors,
        ),
        "AuthorizerErrors": _Trouble(
            _sum([_of(settings, authorizer, name) for name in ("Errors", "Throttles")], "failed authorizations"),
            "The authorizer failed or could not start, so requests were refused.",
            "Authorizer errors",
            limits.authorizer_errors,
        ),
        "ThrottledRequests": _Trouble(
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name=names.throttled_metric(settings),
                statistic="Sum",
                period=_FIVE_MINUTES,
            ),
            "The gateway refused requests with status 429.",
            "Throttles",
            limits.throttled_requests,
        ),
        **_mail(settings),
        **_outbox(settings),
    }


def _mail(settings: Settings) -> dict[str, _Trouble]:
    limits, runbook = settings.thresholds, "SES suspended or limited"
    return {
        "DeferredEmails": _Trouble(
            _counted(settings, "DeferredEmails"),
            "SES accepts no e-mail: see its quota, its rate, the account's status and the stage's identities.",
            runbook,
            limits.deferred_emails,
        ),
        "Bounces": _Trouble(
            _reputation(settings, "BounceRate"),
            f"More than {limits.bounce_percent} % of the e-mails bounce; SES suspends accounts for that.",
            runbook,
            limits.bounce_percent / 100,
        ),
        "Complaints": _Trouble(
            _reputation(settings, "ComplaintRate"),
            f"Recipients complain about more than {limits.complaint_percent} % of the e-mails.",
            runbook,
            limits.complaint_percent / 100,
        ),
    }


def _outbox(settings: Settings) -> dict[str, _Trouble]:
    runbook = "Events are late"
    return {
        "UnpublishableEvents": _Trouble(
            _counted(settings, "UnpublishableEvents"),
            "The bus refuses an event; it was put aside in the outbox.",
            runbook,
            settings.thresholds.unpublishable_events,
        ),
        "LateEvents": _Trouble(
            _counted(settings, "LateEvents"),
            "Events were published late, by the sweep of the outbox and not by the table's stream.",
            runbook,
            settings.thresholds.late_events,
        ),
    }


def _queues(settings: Settings, failures: Sequence[sqs.IQueue]) -> dict[str, _Trouble]:
    text = "An event could not be worked off and lies in a dead-letter queue."
    kinds = {}
    for number, queues in enumerate(batched(failures, _METRICS_AN_ALARM, strict=False)):
        depths = [queue.metric_approximate_number_of_messages_visible(statistic="Maximum") for queue in queues]
        depth = _sum(depths, "messages in dead-letter queues")
        kinds[f"Failures{number or ''}"] = _Trouble(
            depth, text, "Messages in a dead-letter queue", settings.thresholds.dead_letters
        )
    return kinds


def _streams(settings: Settings, consumers: Sequence[lambda_.IFunction]) -> dict[str, _Trouble]:
    seconds = settings.thresholds.stream_seconds
    text = f"The table's stream is read more than {seconds} seconds late; it keeps what it has for a day."
    kinds = {}
    for number, functions in enumerate(batched(consumers, _METRICS_AN_ALARM, strict=False)):
        ages = [function.metric("IteratorAge", statistic="Maximum", period=_FIVE_MINUTES) for function in functions]
        age = _greatest(ages, "milliseconds behind the stream")
        kinds[f"StreamAge{number or ''}"] = _Trouble(age, text, "Events are late", seconds * 1_000)
    return kinds


def _schedules(settings: Settings, functions: Sequence[lambda_.IFunction]) -> dict[str, _Trouble]:
    kinds = {}
    for number, some in enumerate(batched(functions, _METRICS_AN_ALARM, strict=False)):
        errors = _sum([function.metric_errors(period=_FIVE_MINUTES) for function in some], "failed runs")
        kinds[f"Schedules{number or ''}"] = _Trouble(
            errors, "A scheduled function failed.", "Unexpected errors", settings.thresholds.unexpected_errors
        )
    return kinds


def _late(kind: str, queues: Sequence[sqs.IQueue], seconds: int) -> dict[str, _Trouble]:
    if not queues:
        return {}
    ages = [queue.metric_approximate_age_of_oldest_message(statistic="Maximum") for queue in queues]
    text = f"A document has waited for more than {seconds} seconds to be rendered."
    return {kind: _Trouble(_greatest(ages, "seconds"), text, "Rendering is late", seconds)}


def _canaries(settings: Settings, canaries: Mapping[str, lambda_.IFunction]) -> dict[str, _Trouble]:
    kinds = {}
    for operation, function in canaries.items():
        unexpected = _unexpected(settings, operation=operation)
        faults = _sum([function.metric_errors(period=_FIVE_MINUTES), unexpected], f"{operation} faults")
        kinds[f"Canary-{operation}"] = _Trouble(
            faults, f"{operation} fails.", "Unexpected errors", settings.thresholds.unexpected_errors
        )
    return kinds


def anchor(heading: str) -> str:
    """The fragment of a heading in Markdown."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def _publish(alarm: cloudwatch.Alarm, topic: sns.ITopic) -> None:
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))


def _of(settings: Settings, operation: str, name: str) -> cloudwatch.Metric:
    """A metric of one function, which can be in another stack."""
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name=name,
        dimensions_map={"FunctionName": names.function_name(settings, operation)},
        statistic="Sum",
        period=_FIVE_MINUTES,
    )


def _reputation(settings: Settings, name: str) -> cloudwatch.Metric:
    """A rate between 0 and 1 that SES computes over the recent e-mails of the stage's configuration set."""
    return cloudwatch.Metric(
        namespace="AWS/SES",
        metric_name=f"Reputation.{name}",
        dimensions_map={"ses:configuration-set": settings.name},
        statistic="Maximum",
        period=Duration.hours(1),
    )


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
    return _combined(metrics, label, " + ".join)


def _greatest(metrics: Sequence[cloudwatch.IMetric], label: str) -> cloudwatch.MathExpression:
    return _combined(metrics, label, lambda filled: f"MAX([{', '.join(filled)}])")


def _combined(
    metrics: Sequence[cloudwatch.IMetric], label: str, combine: Callable[[Sequence[str]], str]
) -> cloudwatch.MathExpression:
    named = {f"m{number}": metric for number, metric in enumerate(metrics)}
    # A metric without reports yet has no value at all.
    expression = combine([f"FILL({name}, 0)" for name in named])
    return cloudwatch.MathExpression(expression=expression, using_metrics=named, label=label, period=_FIVE_MINUTES)


def _alarm(scope: Construct, settings: Settings, kind: str, name: str, trouble: _Trouble) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        f"{kind}Alarm",
        alarm_name=name,
        alarm_description=f"{trouble.text} Runbook: {settings.runbooks_url}#{anchor(trouble.runbook)}",
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
        _graph(
            "Business",
            *(_counted(settings, name) for name in (*dict.fromkeys(COUNTED_EVENTS.values()), "DunningSkipped")),
        ),
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
