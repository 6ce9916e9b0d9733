"""Events from the table to the bus: at least once, never lost."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, condition_failed, entry_invalid, request_invalid
from invoicing.core.event import SOURCE
from invoicing.core.ids import new_id
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Key
from invoicing.store.reading import items_at, pages_of

ENTRIES_A_CALL = 10
BYTES_A_CALL = 240_000
"""PutEvents accepts ten entries and 256 KB per call, all fields counted."""
_ROWS_A_PAGE = 100

OutboxRow = Mapping[str, Any]


class NotPublished(Exception):
    """The bus did not accept some events; they stay in the outbox."""


class Unpublished(NamedTuple):
    """The outbox rows that are not on the bus, and why."""

    failed: list[OutboxRow]
    """The bus did not accept them now; they stay in the outbox."""
    put_aside: list[OutboxRow]
    """The bus will never accept them. The operator finds them, with their events, under `OUTBOX#ASIDE` in GSI7."""


def publish(rows: Sequence[OutboxRow]) -> Unpublished:
    """Put the events of outbox rows on the bus and mark them. A row that the bus never accepts blocks no other."""
    result = Unpublished([], [])
    for batch in _batches(rows):
        _publish(batch, result)
    for row in result.put_aside:
        _update(row, "SET GSI7PK = :aside", {":aside": {"S": keys.OUTBOX_REFUSED.partition}})
    return result


def _publish(batch: Sequence[OutboxRow], result: Unpublished) -> None:
    if _size(batch[0]) > BYTES_A_CALL:
        result.put_aside.extend(batch)
        return
    try:
        response = client("events").put_events(Entries=[_entry(row) for row in batch])
    except ClientError as error:
        if not request_invalid(error):
            raise
        if len(batch) == 1:
            result.put_aside.extend(batch)
        else:
            # One entry can make the whole call invalid.
            for row in batch:
                _publish([row], result)
        return
    for row, entry in zip(batch, response["Entries"], strict=True):
        if "EventId" in entry:
            _mark(row)
        else:
            (result.put_aside if entry_invalid(entry) else result.failed).append(row)


def overdue_rows(now: datetime, older_than: timedelta) -> Iterator[OutboxRow]:
    """The overdue outbox rows, which have no mark of publication: the oldest first, alternating between tenants."""
    until = new_id("act", now - older_than)
    shards = [_pages(keys.outbox(shard), until) for shard in range(keys.OUTBOX_SHARDS)]
    while shards:
        pages = [(shard, next(shard, None)) for shard in shards]
        shards = [shard for shard, page in pages if page is not None]
        yield from _in_turn([row for _, page in pages for row in page or ()])


def _pages(partition: IndexPartition, until: str) -> Iterator[list[OutboxRow]]:
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": partition.index,
        "KeyConditionExpression": "GSI7PK = :shard AND GSI7SK < :until",
        "ExpressionAttributeValues": {":shard": {"S": partition.partition}, ":until": {"S": until}},
        "Limit": _ROWS_A_PAGE,
    }
    for response in pages_of(asked):
        found = items_at([Key.of(item) for item in response["Items"]])
        yield sorted((row for row in found.values() if "GSI7PK" in row), key=lambda row: str(row["GSI7SK"]["S"]))


def _in_turn(rows: Sequence[OutboxRow]) -> Iterator[OutboxRow]:
    """The rows alternating between tenants, in order within each tenant."""
    of_tenant: defaultdict[str, list[OutboxRow]] = defaultdict(list)
    for row in rows:
        of_tenant[row["PK"]["S"].split("#")[1]].append(row)
    for turn in zip_longest(*of_tenant.values()):
        yield from (row for row in turn if row is not None)


def _batches(rows: Sequence[OutboxRow]) -> Iterator[list[OutboxRow]]:
    batch: list[OutboxRow] = []
    size = 0
    for row in rows:
        length = _size(row)
        if batch and (len(batch) == ENTRIES_A_CALL or size + length > BYTES_A_CALL):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def _size(row: OutboxRow) -> int:
    return len(row["detail"]["S"].encode()) + 200


def _entry(row: OutboxRow) -> Any:
    return {
        "EventBusName": config.setting("BUS_NAME"),
        "Source": SOURCE,
        "DetailType": row["detail_type"]["S"],
        "Detail": row["detail"]["S"],
    }


def _mark(row: OutboxRow) -> None:
    """Remove the row from the outbox. The timeline entry stays, and the archive of the bus has the event.

    If this fails, the sweeper publishes it once more.
    """
    _update(row, "REMOVE GSI7PK, GSI7SK, detail")


def _update(row: OutboxRow, expression: str, values: Mapping[str, Any] | None = None) -> None:
    asked: dict[str, Any] = {"UpdateExpression": expression, "ConditionExpression": "attribute_exists(PK)"}
    if values:
        asked["ExpressionAttributeValues"] = values
    try:
        client("dynamodb").update_item(TableName=config.setting("TABLE_NAME"), Key=Key.of(row).address, **asked)
    except ClientError as error:
        # A row that was deleted meanwhile has no mark.
        if not condition_failed(error):
            raise
