"""Dunning documents follow the payments of their invoice: they are paid with it and all fees, and due again with it."""

from invoicing.core.model import Aggregate
from invoicing.dunning.table import documents_of
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.store.store import Store


def settled_documents(
    store: Store, before: InvoiceSummary, after: InvoiceSummary, *, but: str | None = None
) -> tuple[Aggregate, ...]:
    """The dunning documents that become `paid`, or are no longer, because the invoice changes.

    They belong to the same commit. `but` is a document that changes otherwise. Invoices without dunning need no read.
    """
    paid = _is_paid(after)
    if not after.dunning_so_far.level or _is_paid(before) is paid:
        return ()
    documents = (one for one in documents_of(store, after.id) if one.id != but)
    settled = ((one, one.settled(store.session.now, paid=paid)) for one in documents)
    return tuple(new for old, new in settled if new.status != old.status)


def _is_paid(invoice: InvoiceSummary) -> bool:
    """Whether an invoice is paid and no dunning fees or interest are due."""
    return invoice.status is Status.PAID and not invoice.dunning_so_far.fees_due
