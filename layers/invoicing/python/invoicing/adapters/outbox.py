"""Events from the table to the bus: at least once, never lost."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from invoicing import config
from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.keys import Key
from invoicing.adapters.dynamodb.reading import item_at
from invoicing.aws.clients import client
from invoicing.domain.event import SOURCE
from invoicing.domain.ids import new_id

ENTRIES_A_CALL = 10
BYTES_A_CALL = 240_000
"""PutEvents takes ten entries and 256 KB a call, all fields counted."""

Row = Mapping[str, Any]


class NotPublished(Exception):
    """The bus did not take some events; they stay in the outbox."""


def publish(rows: Sequence[Row]) -> list[Row]:
    """Put the events of outbox rows on the bus and mark them. Returns the rows that the bus did not take."""
    failed: list[Row] = []
    for batch in _batches(rows):
        answer = client("events").put_events(Entries=[_entry(row) for row in batch])
        for row, result in zip(batch, answer["Entries"], strict=True):
            if "EventId" in result:
                _mark(row)
            else:
                failed.append(row)
    return failed


def forgotten(now: datetime, older_than: timedelta) -> Iterator[Row]:
    """The outbox rows that should be on the bus by now and have no mark."""
    table = config.setting("TABLE_NAME")
    until = new_id("act", now - older_than)
    for shard in range(keys.OUTBOX_SHARDS):
        place = keys.outbox(shard)
        answer = client("dynamodb").query(
            TableName=table,
            IndexName=place.index or "",
            KeyConditionExpression="GSI7PK = :shard AND GSI7SK < :until",
            ExpressionAttributeValues={":shard": {"S": place.partition}, ":until": {"S": until}},
            Limit=100,
        )
        for item in answer["Items"]:
            row = item_at(Key.of(item))
            if row is not None and "GSI7PK" in row:
                yield row


def _batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        length = len(row["detail"]["S"].encode()) + 200
        if batch and (len(batch) == ENTRIES_A_CALL or size + length > BYTES_A_CALL):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def _entry(row: Row) -> Any:
    return {
        "EventBusName": config.setting("BUS_NAME"),
        "Source": SOURCE,
        "DetailType": row["detail_type"]["S"],
        "Detail": row["detail"]["S"],
    }


def _mark(row: Row) -> None:
    """Take the row out of the outbox; the timeline's entry stays, the event is in the bus's archive.

    If this fails, the sweeper publishes it once more.
    """
    client("dynamodb").update_item(
        TableName=config.setting("TABLE_NAME"),
        Key=Key.of(row).address,
        UpdateExpression="REMOVE GSI7PK, GSI7SK, detail",
        ConditionExpression="attribute_exists(PK)",
    )
