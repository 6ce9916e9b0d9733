"""Open invoices whose due date has passed."""

from collections.abc import Iterator
from datetime import date

from invoicing import config
from invoicing.adapters.clients import client
from invoicing.adapters.dynamodb import keys


def past_due(tenant: str, today: date) -> Iterator[str]:
    """The ids of open invoices that were due before today and of which that is still to be told, and no others."""
    place = keys.not_told_overdue(tenant)
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=config.setting("TABLE_NAME"),
            IndexName=place.index or "",
            KeyConditionExpression="GSI7PK = :tenant AND GSI7SK < :today",
            ExpressionAttributeValues={":tenant": {"S": place.partition}, ":today": {"S": today.isoformat()}},
        )
    )
    return (item["GSI7SK"]["S"].rpartition("#")[2] for page in pages for item in page["Items"])
