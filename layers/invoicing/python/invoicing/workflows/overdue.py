"""Telling that an invoice is overdue."""

from datetime import date

from invoicing.adapters.dynamodb.retrying import retry_on_conflict
from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.events import InvoiceOverdue
from invoicing.domain.overdue import turned_overdue


def tell_overdue(store: Store, invoice_id: str, today: date) -> None:
    """Mark an invoice as overdue if it is, by its newest state."""

    def mark(fresh: Store) -> None:
        overdue = turned_overdue(fresh.invoice_summary(invoice_id), today, fresh.session.now)
        if overdue is not None and overdue.due_date is not None:
            fresh.record(overdue, InvoiceOverdue(due_date=overdue.due_date, due=overdue.due))

    retry_on_conflict(store, mark)
