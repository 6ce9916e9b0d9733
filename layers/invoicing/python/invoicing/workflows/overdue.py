"""Telling that an invoice is overdue."""

from datetime import date

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.events import InvoiceOverdue
from invoicing.domain.overdue import turned_overdue
from invoicing.workflows.afresh import afresh


def tell_overdue(store: Store, invoice_id: str, today: date) -> None:
    """Tell it if it is so; what changes the invoice at the same moment is looked at anew."""

    def tell() -> None:
        overdue = turned_overdue(store.invoice_summary(invoice_id), today, store.session.now)
        if overdue is not None and overdue.due_date is not None:
            store.commit(overdue, InvoiceOverdue(due_date=overdue.due_date, due=overdue.due))

    afresh(tell)
