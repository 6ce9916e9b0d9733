"""A read that could not be recorded when it happened → the timeline, and the link's count"""

from contextlib import suppress

from invoicing.aws.grants import Grant
from invoicing.consumers.internal_events import internal_event
from invoicing.core.errors import NotFound
from invoicing.core.event import DOCUMENT_READ
from invoicing.downloads.document_read import DocumentRead
from invoicing.downloads.table import LinkTable, link_at
from invoicing.downloads.workflow import record_use
from invoicing.http.request import Request
from invoicing.mail.sent import record_sent


@internal_event(DOCUMENT_READ, detail=DocumentRead, grants=[Grant.READ, Grant.COMMIT, Grant.REACH_LINKS])
def handler(read: DocumentRead, request: Request) -> None:
    """Record that a customer read a document, with the time of the read."""
    store = request.store.at(read.read_at)
    # A document that was deleted since then has no timeline.
    with suppress(NotFound):
        if read.link_id is None:
            record_sent(store, read.invoice_id)
        else:
            digest = LinkTable().digest_of(store, read.invoice_id, read.link_id)
            record_use(store, link_at(store, digest), digest, read.network)
