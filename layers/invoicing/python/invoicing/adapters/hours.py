"""The hours, told on the bus to each tenant by itself, so that what fails for one keeps no other waiting."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import batched

from invoicing import config
from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.reading import items_of
from invoicing.adapters.outbox import ENTRIES_A_CALL, NotPublished
from invoicing.aws.clients import client
from invoicing.domain.event import HOUR_BEGAN, HOURS
from invoicing.domain.model import instant_text


def tenants() -> Iterator[str]:
    """All tenants, by their ids."""
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "KeyConditionExpression": "PK = :tenants",
        "ExpressionAttributeValues": {":tenants": {"S": keys.tenants("").partition}},
    }
    return (item["SK"]["S"] for item in items_of(asked))


def strike(now: datetime) -> None:
    """Tell every tenant that an hour began; refuses at the end if the bus did not take all."""
    failed = 0
    for some in batched(tenants(), ENTRIES_A_CALL, strict=False):
        answer = client("events").put_events(
            Entries=[
                {
                    "EventBusName": config.setting("BUS_NAME"),
                    "Source": HOURS,
                    "DetailType": HOUR_BEGAN,
                    "Detail": json.dumps({"tenant_id": tenant, "occurred_at": instant_text(now)}),
                }
                for tenant in some
            ]
        )
        failed += answer["FailedEntryCount"]
    if failed:
        raise NotPublished(failed)
