"""The amount due on a document or owed to its customer, from its total, payments and credits.

`payable + refund_due = paid + cash_discount_taken + credited + written_off + due`; `pricing.payable` computes the
first. None of the others is negative, and `due` or `refund_due` is zero. A credit note is credited to its invoice from
the start, so nothing is due on it. A separate one (an adjustment) also begins as paid: that is the customer's money,
and refunds reduce it as on other documents.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from invoicing.core.currency import divide, from_minor, to_minor
from invoicing.invoices.fields import CreditSettlement, EarlierCredit, PaymentStatus
from invoicing.invoices.lifecycle import CloseReason, Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.pricing.payable import (
    ended_debt,
    is_fully_credited,
    money_paid_before,
    owed_total,
    payable,
    payable_at_issue,
)

if TYPE_CHECKING:
    from invoicing.settlement.credit import Credited

CREDITED = "credited"
"""The reason for closing a document that was credited in full and never paid."""
SMALL_DIFFERENCE: Final[CloseReason] = "small_difference"
"""The reason for closing a document whose rest is not worth asking for."""


def balanced[I: InvoiceSummary](document: I, **sums: Any) -> I:
    """The document with other sums, and the fields that follow from them."""
    now = document.model_copy(update=sums)
    nothing = from_minor(0, now.currency)
    asked = payable(now)
    rest = asked - now.paid - now.cash_discount_taken - now.credited
    status = _status(now, rest)
    open_rest = max(rest, nothing)
    written_off, due = (open_rest, nothing) if status is Status.CLOSED else (nothing, open_rest)
    after: dict[str, Any] = {
        "status": status,
        "payable": asked,
        "written_off": written_off,
        "due": due,
        "refund_due": max(-rest, nothing),
        "payment_status": _payment_status(now, rest),
    }
    if status is not Status.CLOSED:
        after |= {"closed_at": None, "close_reason": None}
    elif _only_credited(now):
        after |= {"closed_at": now.closed_at or now.updated_at, "close_reason": CREDITED}
    return now.model_copy(update=after)


def share_of_cash_discount(invoice: InvoiceSummary, credited: Decimal) -> Decimal:
    """The part of the cash discount that lapses with a further credit: it applies to payable amounts only.

    The rounding and an earlier debt end with a full credit, so nothing of the discount is left then.
    """
    after = invoice.model_copy(update={"credited": invoice.credited + credited})
    amounts = payable(invoice) - invoice.credited, payable(after) - after.credited, invoice.cash_discount_taken
    before, left, taken = (to_minor(amount, invoice.currency, pointer="") for amount in amounts)
    kept = divide(taken * max(left, 0), before) if before > 0 else 0
    return from_minor(taken - kept, invoice.currency)


def settling(
    document: Invoice, invoice: Invoice, after: Invoice, credited: "Credited", so_far: "Sequence[Credited]"
) -> Invoice:
    """The document with the settlement of its amount, and the earlier credits of the invoice."""
    released, nothing = after.deposits_released, from_minor(0, invoice.currency)
    set_off = (invoice.due + invoice.written_off) - (after.due + after.written_off)
    debt = ended_debt(after)
    settlement = CreditSettlement(
        set_off=max(set_off - debt, nothing) if debt else set_off,
        refund=_refund(invoice, after, document),
        cash_discount=credited.cash_discount,
        deposits=None if released is None else min(released, document.total),
        earlier=tuple(
            EarlierCredit(number=one.number, issue_date=one.issue_date, amount=one.total)
            for one in so_far
            if one.number and one.issue_date and one.total is not None and not one.void
        ),
    )
    return document.model_copy(update={"credit_settlement": settlement})


def _refund(invoice: Invoice, after: Invoice, document: Invoice) -> Decimal:
    """The part of the amount that is due for refund; released deposits and an earlier debt are none of it."""
    refund, nothing = after.refund_due - invoice.refund_due, from_minor(0, invoice.currency)
    if ended_debt(after):
        return min(refund, owed_total(document))
    return refund if after.deposits_released is None else max(refund, nothing)


def _only_credited(now: InvoiceSummary) -> bool:
    money = (now.paid, now.cash_discount_taken, now.refunded, _prepaid(now))
    return now.type == "invoice" and is_fully_credited(now) and not any(money)


def _prepaid(now: InvoiceSummary) -> Decimal:
    """The money that was paid before; an earlier debt is none."""
    return max(money_paid_before(now), Decimal(0))


def _all_prepaid_is_back(now: InvoiceSummary) -> bool:
    return _prepaid(now) == (now.prepaid_refunded or 0) + (now.deposits_released or 0)


def _status(now: InvoiceSummary, rest: Decimal) -> Status:
    if now.status is Status.CANCELED:
        return now.status
    if now.type != "invoice":
        return Status.OPEN if rest < 0 else Status.PAID
    if rest > 0:
        return Status.CLOSED if now.status is Status.CLOSED and now.close_reason != CREDITED else Status.OPEN
    return Status.CLOSED if _only_credited(now) else Status.PAID


def _payment_status(now: InvoiceSummary, rest: Decimal) -> PaymentStatus:
    """The payment status; a cancellation does not change it (E32)."""
    if now.refunded > 0 and now.paid == 0 and _all_prepaid_is_back(now):
        return "refunded"
    if now.type != "invoice":
        return "paid" if rest == 0 else "partially_paid" if now.refunded > 0 else "unpaid"
    if payable_at_issue(now) <= 0:
        return "paid"
    if now.status is Status.CANCELED:
        money = now.paid + now.refunded + now.cash_discount_granted
        covered = money + now.credited - now.canceled_amount >= payable_at_issue(now)
    else:
        money, covered = now.paid + now.cash_discount_taken, rest <= 0
    if money == 0:
        return "unpaid"
    return "paid" if covered else "partially_paid"
