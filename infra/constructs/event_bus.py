"""The bus, and how its events reach a function: rule → queue with dead-letter queue."""

from typing import Any, NamedTuple

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings
from invoicing.consumers.subscriber import AwsSubscriber, Subscriber
from invoicing.core.event import SOURCE

# The longest a queue keeps anything: time to mend what is broken and send it again.
_KEPT = Duration.days(14)


def _of_ours(declared: AwsSubscriber, settings: Settings, files: str) -> dict[str, Any]:
    """The patterns of SES events about our mails, and of S3 events about our bucket."""
    ours: dict[str, dict[str, Any]] = {
        "aws.ses": {"mail": {"tags": {"ses:configuration-set": [settings.name]}}},
        "aws.s3": {"bucket": {"name": [files]}},
    }
    return {**ours[declared.outside], **declared.only}


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
            description="What was told, to be told again to a consumer that came later or had failed.",
        )
    return bus


def failures(scope: Construct, settings: Settings) -> sqs.Queue:
    """A queue for what could not be worked off; whatever is in it raises an alarm."""
    return sqs.Queue(
        scope,
        "Failures",
        retention_period=_KEPT,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=not settings.embedded,
    )


def subscription(
    scope: Construct, bus: events.IEventBus, settings: Settings, declared: Subscriber, files: str
) -> Subscription:
    """A queue that gets the events from the bus that a function subscribes to. `files`: the bucket's name."""
    dead_letters = failures(scope, settings)
    queue = sqs.Queue(
        scope,
        "Events",
        # Six times the function's, as Lambda advises: a batch that waits for a free worker is not delivered twice.
        visibility_timeout=Duration.seconds(6 * declared.timeout),
        delivery_delay=Duration.seconds(declared.delay),
        retention_period=_KEPT,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=not settings.embedded,
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=declared.attempts),
    )
    events.Rule(
        scope,
        "Rule",
        # AWS tells on the account's default bus only, and of all stages.
        event_bus=None if isinstance(declared, AwsSubscriber) else bus,
        event_pattern=events.EventPattern(
            source=list(declared.sources),
            detail_type=list(declared.events),
            detail=_of_ours(declared, settings, files) if isinstance(declared, AwsSubscriber) else None,
        ),
        # Without it EventBridge drops, after a day, what the queue did not take.
        targets=[targets.SqsQueue(queue, dead_letter_queue=dead_letters)],
    )
    return Subscription(queue, dead_letters)
