"""When a document counts as sent: its e-mail was accepted, its link was used, or its customer read it."""

from collections.abc import Sequence

from invoicing.core.event import Recorded
from invoicing.dunning.document import DunningDocument
from invoicing.invoices.event import InvoiceEvent, about_document
from invoicing.invoices.events import InvoiceSent
from invoicing.invoices.model import InvoiceSummary
from invoicing.store.changes import Also
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store


def record_sent(store: Store, invoice_id: str, event: InvoiceEvent | None = None, *, also: Sequence[Also] = ()) -> None:
    """Record in the timeline how it reached the customer. The first time, the document becomes sent."""
    events = [event] if event else []

    def record(fresh: Store) -> None:
        invoice = fresh.get(InvoiceSummary, invoice_id)
        if invoice.sent_at is None:
            fresh.record(Recorded(invoice.sent(fresh.session.now), *events, InvoiceSent()), also=also)
        elif event:
            fresh.append(about_document(invoice_id, event), also=also)

    retry_on_conflict(store, record)


def record_letter_sent(store: Store, document_id: str, event: InvoiceEvent, *, also: Sequence[Also]) -> None:
    """Record in the timeline that the link of a reminder or dunning letter was used. The letter is sent then."""

    def record(fresh: Store) -> None:
        document = fresh.get(DunningDocument, document_id)
        about = about_document(document.invoice_id, event)
        if document.sent_at is None:
            fresh.record(document.sent(fresh.session.now), about, also=also)
        else:
            fresh.append(about, also=also)

    retry_on_conflict(store, record)
