"""AWS for tests: the resources of the data stack, and a record of every call."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.client
import botocore.signers

from invoicing.adapters.clients import client
from invoicing.adapters.dynamodb.keys import INDEXES, PARTITION, SORT
from invoicing.adapters.dynamodb.records import item_of
from invoicing.domain.model import Value

TABLE = "invoicing-test"
ENVIRONMENT = {
    "TABLE_NAME": TABLE,
    "FILES_BUCKET": "invoicing-test-files",
    "BUS_NAME": "invoicing-test",
    "BASE_URL_PARAMETER": "/invoicing/test/base-url",
    "EMAIL_CONFIGURATION_SET": "invoicing-test",
    "CURSOR_SECRET": "only-for-tests",
}
_TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_PREFIX = {"DynamoDB": "dynamodb", "S3": "s3", "EventBridge": "events", "SESv2": "ses", "SSM": "ssm"}


def table_definition() -> dict[str, Any]:
    """The table as the data stack makes it."""
    attributes = [PARTITION, SORT, *(name for index in INDEXES.values() for name in (index.partition, index.sort))]
    return {
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        "KeySchema": _keys(PARTITION, SORT),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": name,
                "KeySchema": _keys(index.partition, index.sort),
                "Projection": {"ProjectionType": index.projection},
            }
            for name, index in INDEXES.items()
        ],
    }


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def create_resources() -> None:
    """Table, bucket, bus, parameter and mail identity."""
    client("dynamodb").create_table(**table_definition())
    client("s3").create_bucket(
        Bucket=ENVIRONMENT["FILES_BUCKET"], CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    client("events").create_event_bus(Name=ENVIRONMENT["BUS_NAME"])
    client("ssm").put_parameter(Name=ENVIRONMENT["BASE_URL_PARAMETER"], Value="https://api.test/v1", Type="String")
    client("sesv2").create_email_identity(EmailIdentity="nordlicht.example")
    client("sesv2").create_configuration_set(ConfigurationSetName=ENVIRONMENT["EMAIL_CONFIGURATION_SET"])


def seed(tenant: str, *things: Value) -> None:
    """Put things into the table as they are."""
    for thing in things:
        client("dynamodb").put_item(TableName=TABLE, Item=item_of(thing, tenant))


@dataclass
class AwsCalls:
    """What was asked of AWS since the last `clear`."""

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    watched: str | None = None
    used: set[str] = field(default_factory=set)

    def watch(self, function: str, used: set[str]) -> None:
        """Collect in `used` the actions that one function needs."""
        self.watched, self.used = function, used

    @contextmanager
    def by(self, function: str) -> Iterator[None]:
        """What is asked within is asked by this function."""
        before = len(self.calls)
        yield
        if function == self.watched:
            self.used |= actions_of(self.calls[before:])

    def clear(self) -> None:
        """Begin anew."""
        self.calls.clear()

    @property
    def count(self) -> int:
        """How many round trips."""
        return sum(1 for name, _ in self.calls if not name.endswith(":presign"))

    @property
    def names(self) -> Counter[str]:
        """Which operations, how often."""
        return Counter(name for name, _ in self.calls)


def actions_of(calls: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """The IAM actions these calls need."""
    needed: set[str] = set()
    for name, params in calls:
        service, operation = name.split(":")[:2]
        if operation == "TransactWriteItems":
            needed |= {f"dynamodb:{_TRANSACTION[kind]}" for write in params["TransactItems"] for kind in write}
        else:
            needed.add(f"{service}:{operation}")
    return needed


CURRENT: list[AwsCalls] = []
"""The record that is being written, for those who cannot be handed it."""


@contextmanager
def recorded() -> Iterator[AwsCalls]:
    """Record every call that any client makes, presigning included."""
    record = AwsCalls()
    CURRENT.append(record)
    call = botocore.client.BaseClient._make_api_call
    presign = botocore.signers.RequestSigner.generate_presigned_url

    def recording_call(self: Any, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        record.calls.append((f"{_PREFIX[self.meta.service_model.service_id]}:{operation_name}", api_params))
        return call(self, operation_name, api_params)

    def recording_presign(self: Any, request_dict: Any, operation_name: str, *args: Any, **kwargs: Any) -> Any:
        record.calls.append((f"{self._service_id.hyphenize()}:{operation_name}:presign", {}))
        return presign(self, request_dict, operation_name, *args, **kwargs)

    botocore.client.BaseClient._make_api_call = recording_call
    botocore.signers.RequestSigner.generate_presigned_url = recording_presign
    try:
        yield record
    finally:
        CURRENT.pop()
        botocore.client.BaseClient._make_api_call = call
        botocore.signers.RequestSigner.generate_presigned_url = presign


@contextmanager
def called_by(function: str) -> Iterator[None]:
    """What is asked within is asked by this function."""
    with ExitStack() as stack:
        for record in CURRENT:
            stack.enter_context(record.by(function))
        yield
