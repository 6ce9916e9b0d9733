"""Key figures of a document for bookkeepers, computed from the document."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from invoicing.core.currency import divide, from_minor, to_minor
from invoicing.pricing.totals import entry_amounts, line_entry_amounts

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice
from invoicing.invoices.derived import Kpis


def kpis_of(invoice: "Invoice", day_of: Callable[[datetime], date]) -> Kpis:
    """The key figures of a document as it is shown; `day_of` gives the tenant's calendar date of a moment."""

    def day(moment: datetime | None) -> date | None:
        return moment and day_of(moment)

    nothing = from_minor(0, invoice.currency)
    canceled = day(invoice.canceled_at)
    return Kpis(
        outstanding=invoice.due,
        overdue=invoice.due if invoice.overdue else nothing,
        last_payment_date=invoice.last_payment.date if invoice.last_payment else None,
        payment_applied=invoice.paid,
        credit_applied=max(invoice.credited - invoice.refund_due, nothing),
        credit_issued=invoice.credited,
        total_items=len(invoice.lines),
        total_discount=_discounts(invoice),
        average_item_cost=_average(invoice),
        last_reactivated_on=day(invoice.reactivated_at),
        last_canceled_on=canceled,
        last_amended_on=day(invoice.updated_at) if invoice.version > 1 else None,
        voided_on=canceled if invoice.status == "canceled" else None,
    )


def _discounts(invoice: "Invoice") -> Decimal:
    """The sum of all discounts, in the price mode."""
    every = [one for line in invoice.lines for one in line_entry_amounts(line, invoice.currency)]
    off = sum(units for entry, _, units in every if not entry.charge)
    return from_minor(off, invoice.currency) + _document_discount(invoice)


def _document_discount(invoice: "Invoice") -> Decimal:
    if not invoice.price_tax_inclusive:
        return invoice.discount_amount
    entries = entry_amounts(invoice.lines, invoice, invoice.currency)
    return from_minor(sum(units for entry, _, units in entries if not entry.charge), invoice.currency)


def _average(invoice: "Invoice") -> Decimal:
    units = to_minor(invoice.subtotal, invoice.currency, pointer="")
    return from_minor(divide(units, len(invoice.lines) or 1), invoice.currency)
