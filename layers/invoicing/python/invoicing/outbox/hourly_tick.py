"""The hours, published on the bus to each tenant separately, so that a failure for one does not delay the others.

An hour is published in parts. Each part reads one page of tenants, publishes the hour to them, and requests the next
part: an invocation makes a bounded number of calls, and a retry repeats one part and not the hour.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS
from invoicing.core.event import HOUR_BEGAN, HOUR_PART, HOURS
from invoicing.core.model import instant_text
from invoicing.outbox.hour_part import HourPart
from invoicing.outbox.rows import ENTRIES_A_CALL, NotPublished
from invoicing.tenants.table import entry_key

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

TENANTS_A_PART = 500
"""Fifty calls of ten entries: seconds, where a queue waits minutes before it delivers a part again."""
_FAULTS_IN_A_ROW = 3


def publish_hourly_tick(now: datetime) -> None:
    """Request the first part of an hour."""
    _request(HourPart(occurred_at=now))


def publish_part(part: HourPart) -> None:
    """Publish the hour to the tenants of a part, and request the part after it.

    Tenants that the bus does not accept are requested as a separate part, with one call for each. Raises only if they
    fail there too, or if the bus accepts nothing.
    """
    if part.tenants:
        left = _publish(part, part.tenants, entries_a_call=1)
        if left:
            raise NotPublished(len(left))
        return
    tenants, last = _page(part.after)
    left = _publish(part, tenants, entries_a_call=ENTRIES_A_CALL)
    _request(*([part.next_after(last)] if last else []), *([part.retry(left)] if left else []))


def _page(after: str | None) -> tuple[list[str], str | None]:
    """The ids of a part's tenants, and the last one if more may follow."""
    start: dict[str, Any] = {"ExclusiveStartKey": entry_key(after).address} if after else {}
    response = client("dynamodb").query(
        TableName=config.setting("TABLE_NAME"),
        KeyConditionExpression="PK = :tenants",
        ExpressionAttributeValues={":tenants": {"S": entry_key("").partition}},
        Limit=TENANTS_A_PART,
        **start,
    )
    last = response.get("LastEvaluatedKey")
    return [item["SK"]["S"] for item in response["Items"]], last["SK"]["S"] if last else None


def _publish(part: HourPart, tenants: Sequence[str], *, entries_a_call: int) -> tuple[str, ...]:
    """Publish the hour to tenants. Returns those that the bus did not accept."""
    when = instant_text(part.occurred_at)
    left: list[str] = []
    in_a_row = 0
    for some in batched(tenants, entries_a_call, strict=False):
        entries = [_entry(HOUR_BEGAN, json.dumps({"tenant_id": one, "occurred_at": when})) for one in some]
        try:
            response = client("events").put_events(Entries=entries)
        except AWS_FAULTS:
            in_a_row += 1
            if in_a_row == _FAULTS_IN_A_ROW:
                raise
            left += some
        else:
            in_a_row = 0
            left += _refused(some, response["Entries"])
    return tuple(left)


def _refused(tenants: Sequence[str], results: Sequence[Any]) -> Iterator[str]:
    return (tenant for tenant, result in zip(tenants, results, strict=True) if "EventId" not in result)


def _request(*parts: HourPart) -> None:
    if not parts:
        return
    response = client("events").put_events(Entries=[_entry(HOUR_PART, part.model_dump_json()) for part in parts])
    if response["FailedEntryCount"]:
        raise NotPublished(response["FailedEntryCount"])


def _entry(detail_type: str, detail: str) -> "PutEventsRequestEntryTypeDef":
    return {
        "EventBusName": config.setting("BUS_NAME"),
        "Source": HOURS,
        "DetailType": detail_type,
        "Detail": detail,
    }
