"""The bus, and how its events reach a function: rule → queue with dead-letter queue."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypedDict

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings
from invoicing.consumers.aws_events import AwsEvents
from invoicing.consumers.bus_events import BusEvents
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.partner_events import PartnerEvents
from invoicing.consumers.source import EventSource
from invoicing.core.event import SOURCE

# The longest retention of a queue: time to fix the fault and redrive the messages.
_KEPT = Duration.days(14)
_OF_OWN_RULES = ("DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "PutTargets", "RemoveTargets")


def _pattern(source: EventSource, settings: Settings, files: str) -> dict[str, Any] | None:
    """The pattern that the detail of an event must match; None if every one does."""
    if isinstance(source, AwsEvents):
        return _of_deployment(source, settings, files)
    if isinstance(source, BusEvents) and source.present:
        return {"data": {"details": {name: [{"exists": wanted}] for name, wanted in source.present.items()}}}
    return None


def _of_deployment(source: AwsEvents, settings: Settings, files: str) -> dict[str, Any]:
    """The pattern of events about this deployment: its mails (SES) and the objects in its bucket (S3)."""
    ours: dict[str, dict[str, Any]] = {
        "aws.ses": {"mail": {"tags": {"ses:configuration-set": [settings.name]}}},
        "aws.s3": {"bucket": {"name": [files]}},
    }
    return {**ours[source.service], **source.only}


class Subscription(NamedTuple):
    """The two queues of one consumer."""

    queue: sqs.Queue
    dead_letters: sqs.Queue


def event_bus(scope: Construct, settings: Settings) -> events.EventBus:
    """The bus that all events are published on."""
    bus = events.EventBus(scope, "Bus", event_bus_name=settings.name)
    if not settings.embedded:  # which knows no archives
        bus.archive(
            "Archive",
            event_pattern=events.EventPattern(source=[SOURCE]),
            retention=Duration.days(30),
            description="Events to replay to a consumer that was added later or has failed.",
        )
    if settings.event_consumers:
        _admit(scope, settings, bus)
    return bus


def _admit(scope: Construct, settings: Settings, bus: events.EventBus) -> None:
    """Let other accounts add rules for our events to the bus. Each account changes its own rules only.

    A rule must name our source and no other: without a source it would match the events of all senders.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-same-account-creator.html
    """
    own = {"StringEqualsIfExists": {"events:creatorAccount": "${aws:PrincipalAccount}"}}
    ours = {"ForAllValues:StringEquals": {"events:source": [SOURCE]}, "Null": {"events:source": "false"}}
    for id_, actions, conditions in (("Rules", ("PutRule",), {**ours, **own}), ("Consumers", _OF_OWN_RULES, own)):
        events.CfnEventBusPolicy(
            scope,
            id_,
            event_bus_name=bus.event_bus_name,
            statement_id=id_,
            statement={
                "Effect": "Allow",
                "Principal": {
                    "AWS": [f"arn:{Aws.PARTITION}:iam::{account}:root" for account in settings.event_consumers]
                },
                "Action": [f"events:{action}" for action in actions],
                "Resource": f"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:rule/{settings.name}/*",
                "Condition": conditions,
            },
        )


def failures(scope: Construct, settings: Settings, key: kms.IKey | None) -> sqs.Queue:
    """A queue for messages that could not be processed; any message in it raises an alarm."""
    return sqs.Queue(scope, "Failures", **_options(settings, key))


def _options(settings: Settings, key: kms.IKey | None) -> "_QueueOptions":
    return {
        "retention_period": _KEPT,
        "encryption": sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
        "encryption_master_key": key,
        # One data key for an hour of messages, not for five minutes, because each one costs.
        "data_key_reuse": Duration.hours(1) if key else None,
        "enforce_ssl": not settings.embedded,
    }


class _QueueOptions(TypedDict):
    """The options of every queue."""

    retention_period: Duration
    encryption: sqs.QueueEncryption
    encryption_master_key: kms.IKey | None
    data_key_reuse: Duration | None
    enforce_ssl: bool


def ordered_queue(scope: Construct, settings: Settings, declared: Consumer, *, key: kms.IKey | None) -> Subscription:
    """A queue into which functions of the stack put messages themselves. It keeps the order within each group."""
    dead_letters = sqs.Queue(scope, "Failures", fifo=True, **_options(settings, key))
    queue = sqs.Queue(
        scope,
        "Messages",
        fifo=True,
        # No group slows down another one.
        deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
        fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        visibility_timeout=Duration.seconds(6 * declared.timeout),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=declared.attempts),
        **_options(settings, key),
    )
    return Subscription(queue, dead_letters)


def _senders(source: EventSource, settings: Settings) -> Sequence[str]:
    """The senders whose events the function gets: for events of other services those that the stage accepts."""
    return settings.event_sources if isinstance(source, PartnerEvents) else source.senders


def subscription(
    scope: Construct,
    bus: events.IEventBus,
    settings: Settings,
    declared: Consumer,
    files: str,
    *,
    key: kms.IKey | None,
) -> Subscription:
    """The queue that gets the events that a function subscribes to. `files`: the bucket's name."""
    source = declared.source
    senders = _senders(source, settings)
    dead_letters = failures(scope, settings, key)
    queue = sqs.Queue(
        scope,
        "Events",
        # Six times the function's, as Lambda advises: a batch that waits for a free worker is not delivered twice.
        visibility_timeout=Duration.seconds(6 * declared.timeout),
        delivery_delay=Duration.seconds(declared.delay),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=declared.attempts),
        **_options(settings, key),
    )
    events.Rule(
        scope,
        "Rule",
        enabled=bool(senders),
        # AWS services publish on the account's default bus only, for all stages.
        event_bus=None if isinstance(source, AwsEvents) else bus,
        event_pattern=events.EventPattern(
            # A pattern requires a sender, also in a stage that accepts none.
            source=list(senders or source.senders),
            # A consumer without types gets every event of its senders.
            detail_type=list(source.events) or None,
            detail=_pattern(source, settings, files),
        ),
        # Without it, EventBridge drops events after a day that the queue did not accept.
        targets=[targets.SqsQueue(queue, dead_letter_queue=dead_letters)],
    )
    return Subscription(queue, dead_letters)
