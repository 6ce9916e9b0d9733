"""Recording that a customer read a document. The reader gets the document even if that fails."""

from collections.abc import Callable

from invoicing.core.event import DOCUMENT_READ
from invoicing.downloads.document_read import DocumentRead
from invoicing.observability import count
from invoicing.outbox.deferring import NOT_NOW, defer
from invoicing.outbox.rows import NotPublished
from invoicing.store.store import Store

READER_WAITS_SECONDS = 0.5


def record_or_defer(store: Store, read: DocumentRead, record: Callable[[Store], None]) -> bool:
    """Record a read at once; if the table is busy or fails, leave it to a consumer.

    Returns whether it is recorded. If the bus fails too, only a log line with all facts and a metric record it.
    """
    try:
        record(store.within(READER_WAITS_SECONDS))
    except NOT_NOW:
        try:
            defer(DOCUMENT_READ, read)
        except NotPublished:
            count("ReadsNotRecorded", **read.model_dump(mode="json"))
        return False
    return True
