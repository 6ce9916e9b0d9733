"""Publishing events, with metrics of the business and of those that cannot be published."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Final

from invoicing.observability import count
from invoicing.outbox.rows import NotPublished, OutboxRow, publish

_ROWS_AT_ONCE = 100
COUNTED_EVENTS: Final[Mapping[str, str]] = {
    "invoice.finalized": "DocumentsIssued",
    "email.sent": "EmailsSent",
    "email.bounced": "EmailsBounced",
    "subscription.email_sent": "EmailsSent",
    "subscription.email_bounced": "EmailsBounced",
    "statement.sent": "EmailsSent",
    "statement.bounced": "EmailsBounced",
    "webhook.email_sent": "EmailsSent",
    "webhook.email_bounced": "EmailsBounced",
    "invoice.overdue": "InvoicesOverdue",
    "invoice.paid": "InvoicesPaid",
}
"""The metrics of the business, by the event that each counts. An event that is published again counts again."""


def publish_events(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Publish the events of outbox rows. Returns the rows that the bus did not accept now.

    A row without its event was published before; it is in the stream because it was restored from a backup.
    """
    rows = [row for row in rows if "detail" in row]
    published = publish(rows)
    for row in published.put_aside:
        event, size = row["detail_type"]["S"], len(row["detail"]["S"].encode())
        count("UnpublishableEvents", event=event, bytes=size, PK=row["PK"]["S"], SK=row["SK"]["S"])
    left = {id(row) for row in (*published.failed, *published.put_aside)}
    events = Counter(row["detail_type"]["S"] for row in rows if id(row) not in left)
    for event, metric in COUNTED_EVENTS.items():
        if events[event]:
            count(metric, events[event])
    return published.failed


def publish_overdue(rows: Iterable[OutboxRow]) -> None:
    """Publish the events of rows that were left unpublished.

    Raises if the bus did not accept all, at once if it accepts none.
    """
    failed = 0
    for some in batched(rows, _ROWS_AT_ONCE, strict=False):
        count("LateEvents", len(some))
        refused = len(publish_events(some))
        failed += refused
        if refused == len(some):
            break
    if failed:
        raise NotPublished(failed)
