"""Publishing events, with a metric for those that cannot be published."""

from collections.abc import Iterable, Sequence
from itertools import batched

from invoicing.observability import count
from invoicing.outbox.rows import NotPublished, Row, publish

_ROWS_AT_ONCE = 100


def publish_events(rows: Sequence[Row]) -> list[Row]:
    """Publish the events of outbox rows. Returns the rows that the bus did not accept now."""
    published = publish(rows)
    for row in published.put_aside:
        event, size = row["detail_type"]["S"], len(row["detail"]["S"].encode())
        count("UnpublishableEvents", event=event, bytes=size, PK=row["PK"]["S"], SK=row["SK"]["S"])
    return published.failed


def publish_overdue(rows: Iterable[Row]) -> None:
    """Publish the events of rows that were left unpublished.

    Raises if the bus did not accept all, at once if it accepts none.
    """
    failed = 0
    for some in batched(rows, _ROWS_AT_ONCE, strict=False):
        refused = len(publish_events(some))
        failed += refused
        if refused == len(some):
            break
    if failed:
        raise NotPublished(failed)
