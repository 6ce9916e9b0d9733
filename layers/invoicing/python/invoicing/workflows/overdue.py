"""Telling that an invoice is overdue."""

from datetime import date

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.errors import ConcurrentModification
from invoicing.domain.events import InvoiceOverdue
from invoicing.domain.overdue import turned_overdue

ATTEMPTS = 3


def tell_overdue(store: Store, invoice_id: str, today: date) -> None:
    """Tell it if it is so; what changes the invoice at the same moment is looked at anew."""
    for left in reversed(range(ATTEMPTS)):
        overdue = turned_overdue(store.invoice_summary(invoice_id), today, store.session.now)
        if overdue is None or overdue.due_date is None:
            return
        try:
            store.commit(overdue, InvoiceOverdue(due_date=overdue.due_date, due=overdue.due))
        except ConcurrentModification:
            if not left:
                raise
        else:
            return
