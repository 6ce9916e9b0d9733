"""When a document counts as sent: its e-mail was accepted, or its link was used."""

from typing import Literal

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.errors import ConcurrentModification
from invoicing.domain.event import Event
from invoicing.domain.events import InvoiceSent
from invoicing.domain.invoice import Invoice
from invoicing.domain.mail_events import DocumentFaxed, DocumentPosted

ATTEMPTS = 10


def posted(store: Store, invoice: Invoice, channel: Literal["letter", "fax", "other"]) -> Invoice:
    """Record that somebody sent a document by another way than e-mail."""
    event = DocumentFaxed(channel=channel) if channel == "fax" else DocumentPosted(channel=channel)
    first = [] if invoice.sent_at else [InvoiceSent()]
    return store.commit(invoice.sent(store.session.now), event, *first)


def record_sent(store: Store, invoice_id: str, event: Event, *, digest: str | None = None) -> None:
    """Put what reached the customer into the timeline; the first time the document becomes sent.

    What happened outside has happened, so a change to the document at the same moment is waited out here.
    """
    for attempt in range(1, ATTEMPTS + 1):
        invoice = store.invoice_summary(invoice_id)
        try:
            if invoice.sent_at is None:
                store.commit(invoice.sent(store.session.now), event, InvoiceSent(), digest=digest)
            else:
                store.append(invoice_id, event, digest=digest)
        except ConcurrentModification:
            if attempt == ATTEMPTS:
                raise
        else:
            return
