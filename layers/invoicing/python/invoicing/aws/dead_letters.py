"""Where events go that cannot be worked off: as they came, with the reason beside, to be mended and sent again."""

from invoicing import config
from invoicing.aws.clients import client

_LONGEST = 4_000


def put_aside(body: str, **reason: str) -> None:
    """Put a message into the consumer's dead-letter queue; the reason is in its attributes."""
    client("sqs").send_message(
        QueueUrl=config.setting("DEAD_LETTERS_URL"),
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": text[:_LONGEST]} for name, text in reason.items() if text
        },
    )
