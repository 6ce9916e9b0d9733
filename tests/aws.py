"""AWS for tests: the resources of the data stack, and a record of every call."""

import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import SplitResult

import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from invoicing import config
from invoicing.aws import parameters
from invoicing.aws.clients import client
from invoicing.core.model import Aggregate
from invoicing.store.keys import INDEXES, PARTITION, SORT
from invoicing.store.table import item_of
from invoicing.users.model import ApiKey, User, digest
from invoicing.users.table import secret_item
from invoicing.webhooks import delivering, outgoing
from invoicing.webhooks.addresses import IpAddress
from tests import builders
from tests.attributes import write_attributes_as_they_are
from tests.aws_events import Listener, boto, listening
from tests.aws_limits import exceeded
from tests.committed import number_each_new_row
from tests.moto_items import check_each_item_and_condition_once
from tests.moto_queries import look_where_the_items_are
from tests.moto_requests import prepare_the_needed_requests_only
from tests.rollback import copy_only_what_a_transaction_touches
from tests.tripwire import Sight, everybody, partitions_in, trespasses

# Before any test: a patch inside the context of another one would end with it.
copy_only_what_a_transaction_touches()
write_attributes_as_they_are()
prepare_the_needed_requests_only()
check_each_item_and_condition_once()
number_each_new_row()
look_where_the_items_are()

TABLE = "invoicing-test"
NO_ACCOUNT = {
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "testing"),
    "AWS_DEFAULT_REGION": "eu-central-1",
    "POWERTOOLS_SERVICE_NAME": "invoicing",
}
ENVIRONMENT = {
    "STAGE": "test",
    "TABLE_NAME": TABLE,
    "FILES_BUCKET": "invoicing-test-files",
    "FILES_RETENTION": "",
    "BUS_NAME": "invoicing-test",
    "BASE_URL_PARAMETER": "/invoicing/test/base-url",
    "EMAIL_CONFIGURATION_SET": "invoicing-test",
    "SECRETS_KEY": "alias/invoicing-test-secrets",
    "WEBHOOK_TARGETS": "443",
    "WEBHOOK_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/invoicing-test-webhooks.fifo",
    "CURSOR_SECRET": "invoicing-test-cursors",
    "DEAD_LETTERS_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/invoicing-test-failures",
    # No test asks the real service.
    "VIES_URL": "http://127.0.0.1:9",
}
TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
PERMITTED_AS = {"HeadObject": "GetObject"}
"""Operations that IAM knows under the name of another."""


def table_definition() -> dict[str, Any]:
    """The table as the data stack creates it."""
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
    """Table and bucket. Other resources are created before the first call of their service (`_Resources`)."""
    boto("dynamodb").create_table(**table_definition())
    # Most tests have no file: the bucket is made without a request.
    get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(ENVIRONMENT["FILES_BUCKET"], "eu-central-1")


def _allow_mail() -> None:
    boto("sesv2").create_email_identity(EmailIdentity="nordlicht.example")
    boto("sesv2").create_configuration_set(ConfigurationSetName=ENVIRONMENT["EMAIL_CONFIGURATION_SET"])


def _create_queues() -> None:
    boto("sqs").create_queue(QueueName=ENVIRONMENT["DEAD_LETTERS_URL"].rpartition("/")[2])
    name = ENVIRONMENT["WEBHOOK_QUEUE_URL"].rpartition("/")[2]
    boto("sqs").create_queue(QueueName=name, Attributes={"FifoQueue": "true"})


def _create_secrets_key() -> None:
    key = boto("kms").create_key()["KeyMetadata"]["KeyId"]
    boto("kms").create_alias(AliasName=ENVIRONMENT["SECRETS_KEY"], TargetKeyId=key)


_RESOURCES: dict[str, Callable[[], object]] = {
    "events": lambda: boto("events").create_event_bus(Name=ENVIRONMENT["BUS_NAME"]),
    "kms": _create_secrets_key,
    "sqs": _create_queues,
    "ssm": lambda: boto("ssm").put_parameter(
        Name=ENVIRONMENT["BASE_URL_PARAMETER"], Value="https://api.test/v1", Type="String"
    ),
    "secretsmanager": lambda: boto("secretsmanager").create_secret(
        Name=ENVIRONMENT["CURSOR_SECRET"], SecretString="only-for-tests"
    ),
    "ses": _allow_mail,
}
"""The creation of bus, dead-letter queue, parameter, secret and sender, by the name of their service in IAM."""


class _Resources(Listener):
    """Creates the resources of a service before its first call: most tests use the table only."""

    def __init__(self) -> None:
        self.missing = {**_RESOURCES}

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """Create the resources that the call may need."""
        create = self.missing.pop(name.partition(":")[0], None)
        if create is not None:
            create()


def seed(tenant: str, *things: Aggregate) -> None:
    """Put objects into the table unchanged."""
    for thing in things:
        client("dynamodb").put_item(TableName=TABLE, Item=item_of(thing, tenant))


def damage(tenant: str, id_: str, **fields: Any) -> None:
    """Give the row of a resource these wrong fields, so that it cannot be read."""
    rewrite(tenant, id_, lambda row: {**row, **fields})


def rewrite(tenant: str, id_: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change the JSON in the row of a resource without the service."""
    kind = id_.partition("_")[0].upper()
    where = {":partition": {"S": f"T#{tenant}#{kind}#{id_}"}}
    found = boto("dynamodb").query(
        TableName=TABLE, KeyConditionExpression=f"{PARTITION} = :partition", ExpressionAttributeValues=where
    )
    [item] = [one for one in found["Items"] if json.loads(one.get("data", {"S": "{}"})["S"]).get("id") == id_]
    item["data"] = {"S": json.dumps(change(json.loads(item["data"]["S"])))}
    boto("dynamodb").put_item(TableName=TABLE, Item=item)


def seed_key(tenant: str, user: User, secret: str, **fields: Any) -> ApiKey:
    """Put a user into the table, with a key that this secret opens."""
    key = builders.api_key(user, **fields)
    seed(tenant, user, key)
    client("dynamodb").put_item(TableName=TABLE, Item=secret_item(key, tenant, digest(secret)))
    return key


class Call(NamedTuple):
    """One call of AWS: the function (None: the test), the operation and its parameters."""

    by: str | None
    name: str
    params: Mapping[str, Any]


@dataclass
class AwsCalls(Listener):
    """The calls of AWS."""

    calls: list[Call] = field(default_factory=list)
    trespasses: list[str] = field(default_factory=list)
    exceeded: list[str] = field(default_factory=list)
    asking: str | None = None
    sight: Sight = field(default_factory=everybody)

    def note(self, name: str, params: Mapping[str, Any]) -> None:
        """Record a call."""
        self.calls.append(Call(self.asking, name, params))

    def watch(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """Check that a function's call touches only data of its tenant."""
        if self.asking is not None:
            found = trespasses(name, params, answer, self.sight)
            self.trespasses += [f"{self.asking}: {name} {one}" for one in found]

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """Record a call, which reaches AWS now."""
        self.note(name, params)
        self.exceeded += exceeded(name, params)

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """Check the outcome of a call."""
        if name.startswith("s3:") and answer and answer.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
            # S3 reports a missing object only with this permission; otherwise access is denied.
            self.note("s3:ListBucket:implied", {})
        self.watch(name, params, answer)

    def presigned(self, name: str, signed: str) -> None:
        """Record a signed URL or form."""
        self.note(f"{name}:presign", {})
        self.watch(f"{name}:presign", {}, signed)

    @contextmanager
    def only(self, *functions: str) -> "Iterator[AwsCalls]":
        """The calls of these functions in the context."""
        before = len(self.calls)
        part = AwsCalls()
        yield part
        part.calls = [call for call in self.calls[before:] if call.by in functions]

    @property
    def names(self) -> Counter[str]:
        """The operations and their counts. Signing a URL is no call."""
        return Counter(call.name for call in self.calls if not call.name.endswith((":presign", ":implied")))

    def actions_of(self, function: str) -> set[str]:
        """The IAM actions that a function needed."""
        needed: set[str] = set()
        for call in self.calls:
            service, operation = call.name.split(":")[:2]
            if call.by != function:
                continue
            if operation == "TransactWriteItems":
                needed |= {f"dynamodb:{TRANSACTION[kind]}" for write in call.params["TransactItems"] for kind in write}
            else:
                needed.add(f"{service}:{PERMITTED_AS.get(operation, operation)}")
                needed |= {"s3:PutObjectRetention"} if "ObjectLockMode" in call.params else set()
        return needed

    def partitions_of(self, function: str) -> set[str]:
        """The kinds of partition that a function touched, as IAM's patterns."""
        touched = {one for call in self.calls if call.by == function for one in partitions_in(call.params)}
        return {f"{partition.partition('#')[0]}#*" if "#" in partition else partition for partition in touched}


_RECORDS: list[AwsCalls] = []


@contextmanager
def called_by(function: str | None, sight: Sight | None = None) -> Iterator[None]:
    """Attribute the calls in the context to this function (None: the test), which has this sight."""
    before = [(record, record.asking, record.sight) for record in _RECORDS]
    for record in _RECORDS:
        record.asking, record.sight = function, sight or everybody()
    try:
        yield
    finally:
        for record, asking, saw in before:
            record.asking, record.sight = asking, saw


@contextmanager
def recorded() -> Iterator[AwsCalls]:
    """Record every call, signing included. At the end, none may have touched foreign data or been denied by AWS."""
    record = AwsCalls()
    _RECORDS.append(record)
    try:
        with listening(record):
            yield record
    finally:
        _RECORDS.remove(record)
    assert not record.trespasses, record.trespasses
    assert not record.exceeded, record.exceeded


def _resolved(parts: SplitResult) -> list[IpAddress]:
    """The addresses of a webhook's host. No test asks a name server."""
    if parts.hostname != "localhost":
        raise socket.gaierror(socket.EAI_NONAME, "tests know this machine only")
    return [ip_address("127.0.0.1")]


@contextmanager
def account() -> Iterator[AwsCalls]:
    """An empty account with the data stack's resources, in this process; the environment names them."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name, value in (NO_ACCOUNT | ENVIRONMENT).items():
            environment.setenv(name, value)
        parameters.forget()
        delivering.forget()
        config.setting.cache_clear()
        environment.setattr(outgoing, "_resolved", _resolved)
        create_resources()
        with listening(_Resources()), recorded() as calls:
            yield calls
    config.setting.cache_clear()
