"""Messages for queues that keep the order within a group (SQS FIFO)."""

from typing import NamedTuple

from invoicing import config
from invoicing.aws.clients import client


class OrderedMessage(NamedTuple):
    """A message; those of one group are delivered one after another. A repeated mark is ignored for five minutes."""

    body: str
    group: str
    mark: str


def enqueue_webhook(message: OrderedMessage) -> None:
    """Put a message into the queue of webhooks."""
    client("sqs").send_message(
        QueueUrl=config.setting("WEBHOOK_QUEUE_URL"),
        MessageBody=message.body,
        MessageGroupId=message.group,
        MessageDeduplicationId=message.mark,
    )
