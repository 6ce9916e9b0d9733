"""The dead-letter queue of a consumer: messages that it cannot handle, with the reason, to be sent again later."""

from invoicing import config
from invoicing.aws.clients import client

_LONGEST = 4_000
"""Characters of an attribute."""


def send_to_dlq(body: str, **reason: str) -> None:
    """Send a message to the consumer's dead-letter queue, with the reason in its attributes."""
    client("sqs").send_message(
        QueueUrl=config.setting("DEAD_LETTERS_URL"),
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": text[:_LONGEST]} for name, text in reason.items() if text
        },
    )
