"""When a document counts as sent: its e-mail was accepted, its link was used, or its customer read it."""

from invoicing.core.event import Event
from invoicing.invoices.events import InvoiceSent
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store


def record_sent(store: Store, invoice_id: str, event: Event | None = None, *, digest: str | None = None) -> None:
    """Put how it reached the customer into the timeline; the first time the document becomes sent."""
    events = [event] if event else []

    def record(fresh: Store) -> None:
        invoice = fresh.invoice_summary(invoice_id)
        if invoice.sent_at is None:
            fresh.record(invoice.sent(fresh.session.now), *events, InvoiceSent(), digest=digest)
        elif event:
            fresh.append(invoice_id, event, digest=digest)

    retry_on_conflict(store, record)


def record_letter_sent(store: Store, document_id: str, event: Event, *, digest: str) -> None:
    """Put into the timeline that the link of a reminder or dunning letter was used; the letter is sent then."""

    def record(fresh: Store) -> None:
        document = fresh.dunning_document(document_id)
        if document.sent_at is None:
            fresh.record(document.sent(fresh.session.now), event, digest=digest)
        else:
            fresh.append(document.invoice_id, event, digest=digest)

    retry_on_conflict(store, record)
