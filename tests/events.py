"""The events of AWS for functions that no client calls."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from infra.discovery import DeclaredFunction, discover
from invoicing.aws.clients import client
from invoicing.store.keys import ACTIVITY
from tests.aws import ENVIRONMENT, NO_ACCOUNT, TABLE, called_by
from tests.aws_limits import require_answerable
from tests.committed import rows_in_order
from tests.tripwire import Sight, everybody, found_out


def function(name: str) -> DeclaredFunction:
    """A function by its name."""
    return next(one for one in discover() if one.name == name)


def outbox() -> list[dict[str, Any]]:
    """The outbox rows in the table, in the order of their creation."""
    return rows_in_order(TABLE, NO_ACCOUNT["AWS_DEFAULT_REGION"], ACTIVITY)


def details(*types: str) -> list[dict[str, Any]]:
    """The events in the table, of these types."""
    return [json.loads(row["detail"]["S"]) for row in outbox() if row["detail_type"]["S"] in types]


def stream_event(rows: Iterable[Mapping[str, Any]], kind: str = "INSERT") -> dict[str, Any]:
    """Inserted rows as the table's stream delivers them."""
    return {
        "Records": [
            {
                "eventName": kind,
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"PK": row["PK"], "SK": row["SK"]},
                    "NewImage": row,
                    "SequenceNumber": f"{number:021d}",
                },
            }
            for number, row in enumerate(rows, 1)
        ]
    }


def deliver(name: str, *events: Mapping[str, Any], received: int = 1) -> list[str]:
    """Pass events to a consumer as its queue does. Returns the ids of those that go back into the queue."""
    messages = [
        (event["id"], json.dumps({"detail-type": event["type"], "source": "invoicing", "detail": event}))
        for event in events
    ]
    return _delivered(name, messages, Sight(*(event["tenant_id"] for event in events)), received)


def deliver_raw(name: str, *bodies: str, received: int = 1) -> list[str]:
    """The same for unchanged messages of the queue, with this count of deliveries. The ids are `0`, `1`, …"""
    return _delivered(name, [(str(number), body) for number, body in enumerate(bodies)], found_out(), received)


def deliver_hour_part(body: str) -> list[str]:
    """Deliver one part of an hour. Its id, returned if it goes back into the queue, is `0`."""
    return _delivered("publish_hour_part", [("0", body)], everybody())


def strike(name: str, *tenants: str) -> list[str]:
    """Deliver the beginning of an hour for tenants to one consumer; the ids are `0`, `1`, …"""
    messages = [(str(number), json.dumps({"detail": {"tenant_id": one}})) for number, one in enumerate(tenants)]
    return _delivered(name, messages, Sight(*tenants))


def dlq_messages() -> list[tuple[dict[str, str], str]]:
    """The messages in the dead-letter queue: attributes and body of each."""
    asked = {"QueueUrl": ENVIRONMENT["DEAD_LETTERS_URL"], "MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10}
    messages = client("sqs").receive_message(**asked).get("Messages", [])  # type: ignore[arg-type]
    return [
        ({name: value["StringValue"] for name, value in one["MessageAttributes"].items()}, one["Body"])
        for one in messages
    ]


def _delivered(name: str, messages: Iterable[tuple[str, str]], sight: Sight, received: int = 1) -> list[str]:
    batch = {
        "Records": [
            {
                "messageId": id_,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:queue",
                "receiptHandle": "r",
                "attributes": {"ApproximateReceiveCount": str(received)},
                "messageAttributes": {},
                "md5OfBody": "",
                "awsRegion": "eu-central-1",
                "body": body,
            }
            for id_, body in messages
        ]
    }
    with called_by(name, sight):
        answer: Any = function(name).declaration(batch, None)
    require_answerable(answer)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
