"""Throw-away resources for the checks: a table, a bucket, a bus and queues, removed at the end."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Self
from uuid import uuid4

import boto3

from infra.conformance.assumption import eventually
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, code_of
from invoicing.store.keys import INDEXES, PARTITION, PURGE_AT, SORT

_INDEXES = ("GSI1", "GSI7")
"""One index that contains whole items, and one that contains keys only."""
_NEVER_CREATED = {"ResourceNotFoundException", "NoSuchBucket"}
POLL_SECONDS = 1
"""How long a check waits for a message before it takes a queue for empty."""


class Answer(NamedTuple):
    """The response to an HTTP request."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    content: bytes

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], content: bytes) -> Self:
        """The response of an HTTP library."""
        return cls(status, {name.lower(): value for name, value in headers.items()}, content)


Send = Callable[..., Answer]
"""Sends an HTTP request: method, URL, and optionally `headers`, `content` or the fields of a form and its file."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Resources:
    """The names of the throw-away resources, and the way to them."""

    session: boto3.Session
    send: Send
    prefix: str
    left_over: list[str] = field(default_factory=list)
    """The resources that could not be removed, each with the reason."""

    @property
    def table(self) -> str:
        """The table."""
        return self.prefix

    @property
    def bucket(self) -> str:
        """The bucket, which is versioned and publishes its events on the default bus."""
        return self.prefix

    @property
    def bus(self) -> str:
        """The bus."""
        return self.prefix

    @property
    def archive(self) -> str:
        """The archive of the bus, whose name is limited."""
        return self.prefix[:48]

    def manager(self, service: str) -> Any:
        """A client with boto3's defaults, which also has the operations that functions never call."""
        return self.session.client(service)  # type: ignore[call-overload]

    def queue(self, **attributes: str) -> str:
        """The URL of a new queue."""
        name = f"{self.prefix}-{uuid4().hex[:8]}"
        url: str = self.manager("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def arn_of(self, queue_url: str) -> str:
        """The ARN of a queue."""
        asked = self.manager("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        arn: str = asked["Attributes"]["QueueArn"]
        return arn

    def subscribed(self, pattern: Mapping[str, Any], *, bus: str | None = None) -> str:
        """The URL of a new queue that gets the matching events of a bus."""
        events, url = self.manager("events"), self.queue()
        arn, name = self.arn_of(url), f"{self.prefix}-{uuid4().hex[:8]}"
        rule = events.put_rule(Name=name, EventBusName=bus or self.bus, EventPattern=json.dumps(pattern))["RuleArn"]
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self.manager("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_targets(Rule=name, EventBusName=bus or self.bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url


def receive(queue_url: str) -> list[dict[str, Any]]:
    """The messages of a queue that are visible now, with all attributes."""
    asked: Any = {
        "QueueUrl": queue_url,
        "MaxNumberOfMessages": 10,
        "WaitTimeSeconds": POLL_SECONDS,
        "MessageAttributeNames": ["All"],
        "MessageSystemAttributeNames": ["All"],
    }
    return [dict(message) for message in client("sqs").receive_message(**asked).get("Messages", ())]


@contextmanager
def throw_away(session: boto3.Session, send: Send, prefix: str, report: Report) -> Iterator[Resources]:
    """Create the resources, and remove them at the end. `report` gets each step."""
    made = Resources(session, send, f"{prefix}-{uuid4().hex[:8]}")
    with ExitStack() as cleanup:
        for name, create, remove in _STEPS:
            report(f"Create {name} {made.prefix}")
            # Registered first: a creation whose response was lost leaves something too.
            cleanup.callback(partial(_removed, made, name, remove, report))
            create(made)
        yield made


def _removed(made: Resources, name: str, remove: Callable[[Resources], None], report: Report) -> None:
    report(f"Remove {name} {made.prefix}")
    try:
        remove(made)
    except Exception as error:  # noqa: BLE001 — the other resources have to be removed too
        if isinstance(error, ClientError) and code_of(error) in _NEVER_CREATED:
            return
        made.left_over.append(f"{name} {made.prefix}: {error}")
        report(f"NOT REMOVED: {made.left_over[-1]}")


def _create_table(made: Resources) -> None:
    names = [PARTITION, SORT, *(name for index in _INDEXES for name in INDEXES[index][:2])]
    dynamodb = made.manager("dynamodb")
    dynamodb.create_table(
        TableName=made.table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=_keys(PARTITION, SORT),
        GlobalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": _keys(*INDEXES[name][:2]),
                "Projection": {"ProjectionType": INDEXES[name].projection},
            }
            for name in _INDEXES
        ],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=made.table, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    specification = {"Enabled": True, "AttributeName": PURGE_AT}
    dynamodb.update_time_to_live(TableName=made.table, TimeToLiveSpecification=specification)


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _remove_table(made: Resources) -> None:
    made.manager("dynamodb").delete_table(TableName=made.table)


def _create_bucket(made: Resources) -> None:
    s3, region = made.manager("s3"), made.session.region_name
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=made.bucket, **place)
    s3.put_bucket_versioning(Bucket=made.bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=made.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def _remove_bucket(made: Resources) -> None:
    s3 = made.manager("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=made.bucket):
        for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=made.bucket, Key=version["Key"], VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=made.bucket)


def _create_bus(made: Resources) -> None:
    made.manager("events").create_event_bus(Name=made.bus)


def _remove_bus(made: Resources) -> None:
    events = made.manager("events")
    for archive in events.list_archives(NamePrefix=made.archive)["Archives"]:
        events.delete_archive(ArchiveName=archive["ArchiveName"])
    for bus in (made.bus, "default"):
        for rule in events.list_rules(EventBusName=bus, NamePrefix=made.prefix)["Rules"]:
            events.remove_targets(Rule=rule["Name"], EventBusName=bus, Ids=["queue"])
            events.delete_rule(Name=rule["Name"], EventBusName=bus)
    # The rule of a deleted archive stays for some seconds, and a bus with rules cannot be deleted.
    eventually(lambda: _deleted(events, made.bus), "the removal of the archive's rule")


def _deleted(events: Any, bus: str) -> bool:
    try:
        events.delete_event_bus(Name=bus)
    except ClientError as error:
        if code_of(error) in {"ValidationException", "ConcurrentModificationException"}:
            return False
        raise
    return True


def _remove_queues(made: Resources) -> None:
    sqs = made.manager("sqs")
    for url in sqs.list_queues(QueueNamePrefix=made.prefix).get("QueueUrls", ()):
        sqs.delete_queue(QueueUrl=url)


def _nothing_yet(_: Resources) -> None:
    """Queues are created by the checks that need them."""


def first_receive(queue_url: str, expected: str) -> dict[str, Any]:
    """The first message that arrives in a queue."""
    return eventually(lambda: receive(queue_url), expected)[0]


_STEPS: tuple[tuple[str, Callable[[Resources], None], Callable[[Resources], None]], ...] = (
    ("queues", _nothing_yet, _remove_queues),
    ("bus", _create_bus, _remove_bus),
    ("bucket", _create_bucket, _remove_bucket),
    ("table", _create_table, _remove_table),
)
