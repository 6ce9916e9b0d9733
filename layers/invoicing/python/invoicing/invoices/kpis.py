"""Key figures of a document for bookkeepers. They are computed from the document and not stored."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from invoicing.core.currency import from_minor, to_minor
from invoicing.core.model import Amount, Day, Value
from invoicing.core.money import divide
from invoicing.pricing.totals import entry_amounts, line_entry_amounts

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice


class Kpis(Value):
    """Key figures of a document, derived when it is read."""

    outstanding: Amount
    """Amount that is due."""
    overdue: Amount
    """Amount that is due since before today; zero before the due date has passed."""
    last_payment_date: Day | None
    """Date of the last payment; null if there is none."""
    payment_applied: Amount
    """Payments less refunds and reversals."""
    credit_applied: Amount
    """Credited amount that reduced the amount due."""
    credit_issued: Amount
    """Credited amount in total, by credit notes and a cancellation."""
    total_items: int
    """Number of lines."""
    total_discount: Amount
    """Discounts of the lines and of the document, with or without tax as the prices are."""
    average_item_cost: Amount
    """Average net amount of a line."""
    last_reactivated_on: Day | None
    """Date on which the invoice was last reactivated; null if it never was."""
    last_canceled_on: Day | None
    """Date on which the invoice was last canceled; null if it never was."""
    last_amended_on: Day | None
    """Date of the last change; null if there was none."""
    voided_on: Day | None
    """Date on which a credit note or cancellation was voided; null if it was not."""


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
    """All that was taken off, in the price's mode."""
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
