"""The effect of payments, refunds and their reversal on a document, and credit that moves between documents."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import divide, from_minor, require_readable, to_minor
from invoicing.core.errors import DateNotAllowed, Invalid
from invoicing.core.identity import Moment
from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, Value, days_after
from invoicing.core.party import MOST_DISCOUNT
from invoicing.invoices.dunning import Dunning
from invoicing.invoices.lifecycle import Action, Status, require
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.self_billing import is_self_billed
from invoicing.payments.model import Allocation, Paid, Payment, PaymentData, ReversalReason
from invoicing.pricing.payable import payable
from invoicing.settlement.balance import SMALL_DIFFERENCE, balanced
from invoicing.settlement.errors import (
    CashDiscountNotAllowed,
    CreditNotApplicable,
    PaymentExceedsDue,
    PaymentReversed,
    RefundExceedsCredit,
    ReversalExceedsPaid,
)


class WaitingCredit(Value):
    """Credit of a change that pays the next invoice of the subscription."""

    invoice_id: InvoiceId
    """Identifier of the invoice that has the credit, `inv_` followed by a ULID."""
    amount: Amount
    """Most that is applied: the part of the credit notes of changes that was paid before."""


def settle[I: InvoiceSummary](
    invoice: I,
    payment_id: str,
    data: PaymentData,
    *,
    accept_overpayment: bool,
    moment: Moment,
) -> tuple[Payment, I]:
    """The recorded payment, and the document after it."""
    require(invoice, Action.PAY if data.type == "payment" else Action.REFUND)
    _require_amounts(invoice, data, accept_overpayment=accept_overpayment)
    if data.date > moment.today:
        raise DateNotAllowed("The date of a payment cannot be in the future.", pointer="/date")
    kept_back = data.cash_discount or from_minor(0, invoice.currency)
    incoming = data.type == "payment"
    on_fees = _on_fees(invoice, data)
    on_invoice = data.amount - on_fees
    parts = (Allocation(to="invoice", amount=on_invoice), Allocation(to="fees", amount=on_fees))
    of_prepaid = _of_prepaid(invoice, data)
    after = balanced(
        invoice,
        dunning=_fees_paid(invoice, on_fees),
        paid=require_readable(invoice.paid + (on_invoice if incoming else of_prepaid - on_invoice), pointer="/amount"),
        prepaid_refunded=_prepaid_refunded(invoice) + of_prepaid,
        refunded=invoice.refunded if incoming else invoice.refunded + data.amount,
        cash_discount_taken=invoice.cash_discount_taken + kept_back,
        cash_discount_granted=invoice.cash_discount_granted + kept_back,
        last_payment=Paid(id=payment_id, date=data.date, amount=data.amount) if incoming else invoice.last_payment,
        **moment.updated,
    )
    payment = Payment(
        **dict(data),
        id=payment_id,
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        allocations=tuple(part for part in parts if part.amount),
        **moment.created,
    )
    return payment, after


class Applied[S: InvoiceSummary, T: InvoiceSummary](NamedTuple):
    """Applied credit: a payment on one document, and the refund on its source."""

    payment: Payment
    target: T
    refund: Payment
    source: S


def apply_credit[S: InvoiceSummary, T: InvoiceSummary](
    source: S, target: T, ids: tuple[str, str], data: PaymentData, *, moment: Moment
) -> Applied[S, T]:
    """Pay one document with the `refund_due` of another one of the customer; `ids` are those of payment and refund."""
    require(target, Action.PAY)
    known = source.customer_id is not None or source.id in (target.corrects_id, target.final_invoice_id)
    alike = (source.customer_id, source.currency) == (target.customer_id, target.currency)
    # On self-billed documents the tenant owes, and the customer is owed to: such sums are no credit of the others.
    alike = alike and is_self_billed(source) == is_self_billed(target)
    if source.id == target.id or not known or not alike:
        raise CreditNotApplicable(pointer="/source_id")
    payment, paid = settle(target, ids[0], data, accept_overpayment=False, moment=moment)
    going_out = PaymentData(
        amount=data.amount,
        type="refund",
        method="credit",
        source_id=target.id,
        reference=data.reference,
        date=data.date,
    )
    refund, drawn = settle(source, ids[1], going_out, accept_overpayment=False, moment=moment)
    return Applied(
        payment.model_copy(update={"counterpart_id": refund.id}),
        paid,
        refund.model_copy(update={"counterpart_id": payment.id}),
        drawn,
    )


def require_standing(payment: Payment) -> None:
    """Refuse a payment or refund that was reversed."""
    if payment.reversed_at is not None:
        raise PaymentReversed


def reverse[I: InvoiceSummary](
    invoice: I, payment: Payment, others: Iterable[Payment], *, reason: ReversalReason, moment: Moment
) -> tuple[Payment, I]:
    """Reverse a payment or refund, which stays recorded. `others` are the document's other payments."""
    require(invoice, Action.REVERSE)
    require_standing(payment)
    came_in = payment.type == "payment"
    to_prepaid = Decimal(0) if came_in else min(payment.amount, _prepaid_refunded(invoice))
    on_fees = sum((part.amount for part in payment.allocations if part.to == "fees"), Decimal(0))
    on_invoice = payment.amount - on_fees
    paid = invoice.paid - on_invoice if came_in else invoice.paid + on_invoice - to_prepaid
    if paid < 0:
        raise ReversalExceedsPaid(f"Only {invoice.paid} of the payments is not refunded.")
    granted = invoice.cash_discount_granted - (payment.cash_discount or 0)
    standing = [one for one in others if one.type == "payment" and one.reversed_at is None and one.id != payment.id]
    last = max(standing, key=lambda one: one.id, default=None)
    after = balanced(
        invoice,
        dunning=_fees_paid(invoice, -on_fees),
        paid=paid,
        prepaid_refunded=_prepaid_refunded(invoice) - to_prepaid,
        refunded=invoice.refunded if came_in else invoice.refunded - payment.amount,
        cash_discount_taken=_kept_of_discount(invoice, granted),
        cash_discount_granted=granted,
        last_payment=last and Paid.of(last),
        **moment.updated,
    )
    if _is_no_small_difference(after, payment, standing):
        after = balanced(after, status=Status.OPEN)
    taken_back = {
        "reversed_at": moment.at,
        "reversal_reason": reason,
        **moment.updated,
    }
    return payment.model_copy(update=taken_back), after


def _is_no_small_difference(after: InvoiceSummary, payment: Payment, standing: Iterable[Payment]) -> bool:
    """Whether a document stays closed by a payment, with a larger rest than the payments that are left have closed."""
    differences = [one.small_difference or Decimal(0) for one in standing]
    if after.status is not Status.CLOSED or after.close_reason != SMALL_DIFFERENCE:
        return False
    return any([payment.small_difference, *differences]) and after.written_off > max(differences, default=0)


def _kept_of_discount(invoice: InvoiceSummary, granted: Decimal) -> Decimal:
    """The cash discount that remains when less is granted; credits have left only a part of it."""
    before, after, taken = (
        to_minor(amount, invoice.currency, pointer="")
        for amount in (invoice.cash_discount_granted, granted, invoice.cash_discount_taken)
    )
    return from_minor(divide(taken * after, before) if before else 0, invoice.currency)


def _require_amounts(invoice: InvoiceSummary, data: PaymentData, *, accept_overpayment: bool) -> None:
    to_minor(data.amount, invoice.currency, pointer="/amount")
    if (data.method == "credit") != (data.source_id is not None):
        raise Invalid(
            "source_id is required with the method credit and not allowed with other methods.", pointer="/source_id"
        )
    if data.type == "refund":
        if data.cash_discount is not None:
            raise CashDiscountNotAllowed("A refund cannot have a cash discount.", pointer="/cash_discount")
        if data.amount > invoice.refund_due:
            raise RefundExceedsCredit(f"At most {invoice.refund_due} can be refunded.", pointer="/amount")
        return
    kept_back = data.cash_discount or Decimal(0)
    if data.cash_discount is not None:
        to_minor(data.cash_discount, invoice.currency, pointer="/cash_discount")
        _require_cash_discount(invoice, data.cash_discount, data.date)
    payable, fees = _payable(invoice), _fees_due(invoice)
    if kept_back > payable or (data.amount + kept_back > payable + fees and not accept_overpayment):
        raise PaymentExceedsDue(f"The amount due is {payable + fees}.", pointer="/amount")


def _payable(invoice: InvoiceSummary) -> Decimal:
    return invoice.due + invoice.written_off


def _fees_due(invoice: InvoiceSummary) -> Decimal:
    return invoice.dunning.fees_due if invoice.dunning else Decimal(0)


def _on_fees(invoice: InvoiceSummary, data: PaymentData) -> Decimal:
    """The part of a payment for dunning fees and interest: it covers the invoice first."""
    if data.type == "refund":
        return Decimal(0)
    beyond = data.amount + (data.cash_discount or 0) - _payable(invoice)
    return min(max(beyond, Decimal(0)), _fees_due(invoice))


def _prepaid_refunded(invoice: InvoiceSummary) -> Decimal:
    return invoice.prepaid_refunded or from_minor(0, invoice.currency)


def _of_prepaid(invoice: InvoiceSummary, data: PaymentData) -> Decimal:
    """The part of a refund that is prepaid money: all beyond the payments on the invoice itself."""
    if data.type == "payment" or invoice.type != "invoice":
        return from_minor(0, invoice.currency)
    return max(data.amount - invoice.paid, from_minor(0, invoice.currency))


def _fees_paid(invoice: InvoiceSummary, more: Decimal) -> Dunning | None:
    dunning = invoice.dunning
    return dunning.owing(fees_paid=dunning.fees_paid + more) if dunning and more else dunning


def _require_cash_discount(invoice: InvoiceSummary, asked: Decimal, paid_on: date) -> None:
    """Require a cash discount to be within the payment terms: in amount, once, and in time."""
    left = cash_discount_left(invoice, paid_on)
    if asked > left:
        raise CashDiscountNotAllowed(f"The cash discount is at most {left}.", pointer="/cash_discount")


def cash_discount_left(invoice: InvoiceSummary, paid_on: date) -> Decimal:
    """The cash discount that is left for a payment of a day. Refuses a day or terms without any."""
    steps = invoice.payment_terms.discounts if invoice.payment_terms else ()
    issued = invoice.issue_date
    if not steps or issued is None or steps[0][0] > MOST_DISCOUNT:
        raise CashDiscountNotAllowed("The payment terms include no cash discount.", pointer="/cash_discount")
    percent = next((percent for percent, days in steps if paid_on <= days_after(issued, days)), None)
    if percent is None:
        raise CashDiscountNotAllowed("The cash discount period has ended.", pointer="/cash_discount")
    numerator, denominator = percent.as_integer_ratio()
    invoiced = to_minor(payable(invoice) - invoice.credited, invoice.currency, pointer="")
    most = divide(invoiced * numerator, 100 * denominator)
    return from_minor(most, invoice.currency) - invoice.cash_discount_taken
