"""An invoice is overdue from the day after its due date, in the tenant's time zone. One event records it."""

from datetime import UTC, date, datetime, timedelta

from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary

_BEHIND, _AHEAD = timedelta(hours=12), timedelta(hours=14)
"""The largest differences of time zones from UTC, behind and ahead."""


def overdue_depends_on_zone(invoice: InvoiceSummary, at: datetime) -> bool:
    """Whether it depends on the time zone if an invoice is overdue at an instant, because the dates differ."""
    first, last = ((at + offset).astimezone(UTC).date() for offset in (-_BEHIND, _AHEAD))
    return invoice.shown(first).overdue != invoice.shown(last).overdue


def may_turn_overdue(invoice: InvoiceSummary) -> bool:
    """Whether it can become overdue: it is an open invoice, has a due date, and was never marked."""
    is_open = invoice.type == "invoice" and invoice.status is Status.OPEN
    return is_open and invoice.due_date is not None and invoice.overdue_at is None


def turned_overdue(invoice: InvoiceSummary, today: date, at: datetime) -> InvoiceSummary | None:
    """The invoice marked as overdue; None if it is not overdue, or was marked before."""
    if not may_turn_overdue(invoice) or not invoice.shown(today).overdue:
        return None
    return invoice.model_copy(update={"overdue_at": at, "updated_at": at, "updated_by": None})
