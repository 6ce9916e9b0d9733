"""When a document counts as sent: its e-mail was accepted, its link was used, or its customer read it."""

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.errors import ConcurrentModification
from invoicing.domain.event import Event
from invoicing.domain.events import InvoiceSent

ATTEMPTS = 10


def record_sent(store: Store, invoice_id: str, event: Event | None = None, *, digest: str | None = None) -> None:
    """Put how it reached the customer into the timeline; the first time the document becomes sent.

    What happened outside has happened, so a change to the document at the same moment is waited out here.
    """
    told = [event] if event else []
    for attempt in range(1, ATTEMPTS + 1):
        invoice = store.invoice_summary(invoice_id)
        try:
            if invoice.sent_at is None:
                store.commit(invoice.sent(store.session.now), *told, InvoiceSent(), digest=digest)
            elif event:
                store.append(invoice_id, event, digest=digest)
        except ConcurrentModification:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def record_letter_sent(store: Store, document_id: str, event: Event, *, digest: str) -> None:
    """Put into the timeline that the link of a reminder or dunning letter was used; the letter is sent then."""
    for attempt in range(1, ATTEMPTS + 1):
        document = store.dunning_document(document_id)
        try:
            if document.sent_at is None:
                store.commit(document.sent(store.session.now), event, digest=digest)
            else:
                store.append(document.invoice_id, event, digest=digest)
        except ConcurrentModification:
            if attempt == ATTEMPTS:
                raise
        else:
            return
