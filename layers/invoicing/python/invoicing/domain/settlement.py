"""What payments do to a document (the contract's settlement equation)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from invoicing.domain.currency import from_minor, require_readable, to_minor
from invoicing.domain.errors import CashDiscountNotAllowed, DateNotAllowed, PaymentExceedsDue, RefundExceedsCredit
from invoicing.domain.identity import Caller
from invoicing.domain.invoice import InvoiceSummary, PaymentStatus
from invoicing.domain.lifecycle import Action, Status, require
from invoicing.domain.money import divide
from invoicing.domain.payment import Allocation, Paid, Payment, PaymentData


def settle[I: InvoiceSummary](
    invoice: I,
    payment_id: str,
    data: PaymentData,
    *,
    accept_overpayment: bool,
    today: date,
    by: Caller,
    at: datetime,
) -> tuple[Payment, I]:
    """The payment as recorded, and the document as it stands after it.

    `total + refund_due = paid + cash_discount_taken + credited + written_off + due` holds before and after;
    none is negative, and `due` or `refund_due` is zero.
    """
    require(invoice, Action.PAY if data.type == "payment" else Action.REFUND)
    _require_amounts(invoice, data, accept_overpayment=accept_overpayment)
    if data.date > today:
        raise DateNotAllowed("A payment is recorded on the day it happened, not before.", pointer="/date")
    incoming = data.amount if data.type == "payment" else -data.amount
    kept_back = data.cash_discount or from_minor(0, invoice.currency)
    paid = require_readable(invoice.paid + incoming, pointer="/amount")
    taken = invoice.cash_discount_taken + kept_back
    # What was written off comes back when a closed invoice is paid after all.
    open_rest = invoice.total - paid - taken - invoice.credited
    still_closed = invoice.status is Status.CLOSED and open_rest > 0
    nothing = from_minor(0, invoice.currency)
    rest = max(open_rest, nothing)
    due, written_off = (nothing, rest) if still_closed else (rest, nothing)
    after = invoice.model_copy(
        update={
            "paid": paid,
            "cash_discount_taken": taken,
            "due": due,
            "written_off": written_off,
            "refund_due": max(-open_rest, nothing),
            "status": _status(invoice.status, settled=rest == 0),
            "payment_status": _payment_status(paid, rest),
            "last_payment": Paid(id=payment_id, date=data.date, amount=data.amount)
            if data.type == "payment"
            else invoice.last_payment,
            "updated_at": at,
            "updated_by": by.reference,
        }
    )
    payment = Payment(
        **dict(data),
        id=payment_id,
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        allocations=(Allocation(to="invoice", amount=data.amount),),
        created_at=at,
        updated_at=at,
        created_by=by.reference,
        updated_by=by.reference,
    )
    return payment, after


def _require_amounts(invoice: InvoiceSummary, data: PaymentData, *, accept_overpayment: bool) -> None:
    to_minor(data.amount, invoice.currency, pointer="/amount")
    if data.type == "refund":
        if data.cash_discount is not None:
            raise CashDiscountNotAllowed("A refund has no cash discount.", pointer="/cash_discount")
        if data.amount > invoice.refund_due:
            raise RefundExceedsCredit(f"At most {invoice.refund_due} can be refunded.", pointer="/amount")
        return
    kept_back = data.cash_discount or Decimal(0)
    if data.cash_discount is not None:
        to_minor(data.cash_discount, invoice.currency, pointer="/cash_discount")
        _require_cash_discount(invoice, data.cash_discount, data.date)
    payable = invoice.due + invoice.written_off
    if kept_back > payable or (data.amount + kept_back > payable and not accept_overpayment):
        raise PaymentExceedsDue(f"At most {payable} is due.", pointer="/amount")


def _require_cash_discount(invoice: InvoiceSummary, asked: Decimal, paid_on: date) -> None:
    """Paying early saves what the terms say, once, and only within their days."""
    terms = invoice.payment_terms
    if terms is None or terms.discount_percent is None or terms.discount_days is None or invoice.issue_date is None:
        raise CashDiscountNotAllowed("The payment terms name no cash discount.", pointer="/cash_discount")
    if paid_on > invoice.issue_date + timedelta(days=terms.discount_days):
        raise CashDiscountNotAllowed("The days for the cash discount are over.", pointer="/cash_discount")
    numerator, denominator = terms.discount_percent.as_integer_ratio()
    most = divide(to_minor(invoice.total, invoice.currency, pointer="") * numerator, 100 * denominator)
    left = from_minor(most, invoice.currency) - invoice.cash_discount_taken
    if asked > left:
        raise CashDiscountNotAllowed(f"At most {left} can be kept back.", pointer="/cash_discount")


def _status(before: Status, *, settled: bool) -> Status:
    if before is Status.CANCELED:
        return before
    if settled:
        return Status.PAID
    return Status.CLOSED if before is Status.CLOSED else Status.OPEN


def _payment_status(paid: Decimal, rest: Decimal) -> PaymentStatus:
    if rest == 0:
        return "paid"
    return "partially_paid" if paid > 0 else "unpaid"
