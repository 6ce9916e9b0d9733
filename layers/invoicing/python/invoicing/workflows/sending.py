"""When a document counts as sent: its e-mail was accepted, its link was used, or its customer read it."""

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.event import Event
from invoicing.domain.events import InvoiceSent
from invoicing.workflows.afresh import afresh


def record_sent(store: Store, invoice_id: str, event: Event | None = None, *, digest: str | None = None) -> None:
    """Put how it reached the customer into the timeline; the first time the document becomes sent."""
    told = [event] if event else []

    def record() -> None:
        invoice = store.invoice_summary(invoice_id)
        if invoice.sent_at is None:
            store.commit(invoice.sent(store.session.now), *told, InvoiceSent(), digest=digest)
        elif event:
            store.append(invoice_id, event, digest=digest)

    afresh(record)


def record_letter_sent(store: Store, document_id: str, event: Event, *, digest: str) -> None:
    """Put into the timeline that the link of a reminder or dunning letter was used; the letter is sent then."""

    def record() -> None:
        document = store.dunning_document(document_id)
        if document.sent_at is None:
            store.commit(document.sent(store.session.now), event, digest=digest)
        else:
            store.append(document.invoice_id, event, digest=digest)

    afresh(record)
