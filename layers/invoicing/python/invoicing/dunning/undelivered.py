"""Dunning documents that nobody received: a level counts only once its document was delivered."""

from invoicing.core.errors import SenderNotGranted
from invoicing.core.event import Told
from invoicing.dunning.document import UNDELIVERABLE, DunningDocument
from invoicing.dunning.events import DunningDocumentCanceled, DunningSkipped
from invoicing.dunning.levels import document_at
from invoicing.dunning.settled import settled_documents
from invoicing.invoices.model import InvoiceSummary
from invoicing.mail.errors import AddressSuppressed
from invoicing.observability import count
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing

BOUNCED = "BOUNCED"
NOTHING_DUE = "NOTHING_DUE"
NO_ADDRESS = "ADDRESS_MISSING"
NOT_SENT = "NOT_SENT"
_CHECKED_BEFORE_ISSUING = {
    BOUNCED,
    NOTHING_DUE,
    NO_ADDRESS,
    AddressSuppressed.code,
    SenderMissing.code,
    SenderNotGranted.code,
}
"""What a run knows by itself before it issues a document; anything else may have passed only by trying again."""


def not_delivered(store: Store, document_id: str, why: str) -> Told:
    """What changes when a document cannot be delivered; nothing where it was canceled or paid before."""
    document = store.dunning_document(document_id)
    canceled, told = undone(store, document, store.invoice_summary(document.invoice_id), why)
    return (canceled, *told) if told else ()


def undone(store: Store, document: DunningDocument, invoice: InvoiceSummary, why: str) -> tuple[DunningDocument, Told]:
    """The document canceled as undeliverable, and with it its invoice without that level, and the events of both.

    A document that was canceled or paid before stays as it is.
    """
    if document.status in ("canceled", "paid"):
        return document, ()
    by, at = store.session.caller, store.session.now
    retry_at = None if why in _CHECKED_BEFORE_ISSUING else document.next_attempt(store.today())
    previous = document_at(store, invoice.id, document.level - 1)
    canceled, before = document.not_delivered(invoice, previous, why, retry_at=retry_at, by=by, at=at)
    others = settled_documents(store, invoice, before, but=document.id)
    event = DunningDocumentCanceled(document_id=document.id, number=document.number, reason=UNDELIVERABLE)
    told: Told = (before, *others, event)
    if why == NOTHING_DUE:
        return canceled, told
    skipped = DunningSkipped(level=document.level, reason="undelivered", detail=why, document_id=document.id)
    return canceled, (*told, skipped)


def count_skipped(told: Told) -> None:
    """Count what was committed of invoices that do not reach their next level, for the operator's metric."""
    for one in told:
        if isinstance(one, DunningSkipped):
            count("DunningSkipped", reason=one.reason, detail=one.detail, document_id=one.document_id)
