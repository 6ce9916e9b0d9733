"""Dunning documents that were not delivered. A level counts only after its document was delivered."""

from collections.abc import Iterable, Sequence

from invoicing.core.errors import SenderNotGranted
from invoicing.core.event import Change, Recorded
from invoicing.dunning.document import UNDELIVERABLE, DunningDocument
from invoicing.dunning.events import DunningDocumentCanceled, DunningSkipped
from invoicing.dunning.settled import settled_documents
from invoicing.dunning.table import document_at
from invoicing.invoices.model import InvoiceSummary
from invoicing.mail.errors import AddressSuppressed
from invoicing.observability import count
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.table import moment_of

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
"""Obstacles that a run detects before it issues a document. Only a retry shows whether other obstacles remain."""


def not_delivered(store: Store, document_id: str, why: str) -> Sequence[Change]:
    """The changes when a document cannot be delivered; none if it was canceled or paid before."""
    document = store.get(DunningDocument, document_id)
    canceled, changes = undone(store, document, store.get(InvoiceSummary, document.invoice_id), why)
    return [canceled, *changes] if changes else []


def undone(
    store: Store, document: DunningDocument, invoice: InvoiceSummary, why: str
) -> tuple[DunningDocument, Sequence[Change]]:
    """The document canceled as undeliverable, and with it its invoice without that level, and the events of both.

    A document that was canceled or paid before stays as it is.
    """
    if document.status in ("canceled", "paid"):
        return document, []
    moment = store.session.moment
    retry_at = None if why in _CHECKED_BEFORE_ISSUING else document.next_attempt(moment_of(store).today)
    previous = document_at(store, invoice.id, document.level - 1)
    canceled, before = document.not_delivered(invoice, previous, why, retry_at=retry_at, moment=moment)
    others = settled_documents(store, invoice, before, but=document.id)
    event = DunningDocumentCanceled(document_id=document.id, number=document.number, reason=UNDELIVERABLE)
    if why == NOTHING_DUE:
        return canceled, [Recorded(before, event), *others]
    skipped = DunningSkipped(level=document.level, reason="undelivered", detail=why, document_id=document.id)
    return canceled, [Recorded(before, event, skipped), *others]


def count_skipped(changes: Iterable[Change]) -> None:
    """Count the committed records of invoices that do not reach their next level, for the operator's metric."""
    events = (event for part in changes if isinstance(part, Recorded) for event in part.events)
    for one in events:
        if isinstance(one, DunningSkipped):
            count("DunningSkipped", reason=one.reason, detail=one.detail, document_id=one.document_id)
