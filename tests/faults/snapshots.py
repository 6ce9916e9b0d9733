"""The durable state of the account in this process: saved, restored, and read as data.

Restoring takes a millisecond; creating a tenant with an issued invoice takes a hundred.
"""

import copy
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from moto.backends import get_backend

from invoicing.aws import parameters
from invoicing.webhooks import delivering
from tests.aws import ENVIRONMENT, TABLE, AwsCalls
from tests.conftest import Clock

_ACCOUNT = "123456789012"
_REGION = "eu-central-1"

Row = dict[str, Any]


class Snapshot(NamedTuple):
    """The table, the bucket and the time."""

    items: Any
    objects: Any
    now: Any


def _table() -> Any:
    return get_backend("dynamodb")[_ACCOUNT][_REGION].tables[TABLE]


def _bucket() -> Any:
    return get_backend("s3")[_ACCOUNT]["aws"].buckets[ENVIRONMENT["FILES_BUCKET"]]


def _queues() -> Any:
    return get_backend("sqs")[_ACCOUNT][_REGION].queues.values()


def take(at: Clock) -> Snapshot:
    """Save the present state."""
    return Snapshot(copy.deepcopy(_table().items), copy.deepcopy(_bucket().keys), at.now)


def restore(snapshot: Snapshot, at: Clock, aws: AwsCalls) -> None:
    """Restore a state. Clears the record of calls and the caches of the worker."""
    _table().items = copy.deepcopy(snapshot.items)
    _bucket().keys = copy.deepcopy(snapshot.objects)
    for queue in _queues():
        queue._messages.clear()
    at.now = snapshot.now
    aws.calls.clear()
    new_worker()


def new_worker() -> None:
    """Let the next invocation run in a worker with empty caches."""
    parameters.forget()
    delivering.forget()


def rows() -> list[Row]:
    """All items of the table as plain values; compressed parts as their text."""
    return [dict(_plain(item)) for of_key in list(_table().items.values()) for item in list(of_key.values())]


def _plain(item: Any) -> Iterator[tuple[str, Any]]:
    for name, value in item.attrs.items():
        if value.type == "B":
            continue
        yield name, _value(value)
    if "part" in item.attrs:
        yield "part", item.attrs["part"].value


def _value(value: Any) -> Any:
    if isinstance(value.value, Mapping):
        return {name: _value(inner) for name, inner in value.value.items()}
    if isinstance(value.value, list):
        return [_value(inner) if hasattr(inner, "type") else inner for inner in value.value]
    return int(value.value) if value.type == "N" else value.value


def objects() -> dict[str, bytes]:
    """The content of each object in the bucket."""
    return {name: bytes(_bucket().keys[name].value) for name in list(_bucket().keys)}


def inflated(parts: list[bytes]) -> str:
    """The text in compressed parts, in order."""
    return zlib.decompress(b"".join(parts)).decode()
