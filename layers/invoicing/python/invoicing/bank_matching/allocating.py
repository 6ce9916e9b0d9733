"""The allocation of a bank transaction to a document: a payment of it, or a refund if the money went out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Literal, NamedTuple

from invoicing.bank.entry import Confidence, Why, line
from invoicing.bank.model import BankAllocation, BankTransaction
from invoicing.bank_matching.errors import (
    AllocationCurrencyDiffers,
    AllocationExceedsTransaction,
    SmallDifferenceNotAllowed,
)
from invoicing.bank_matching.requests import AllocationRequest
from invoicing.core.currency import exponent
from invoicing.core.errors import DomainError, DuplicateExternalId, Violation
from invoicing.core.identity import Moment
from invoicing.invoices.lifecycle import Action, Status, require
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import Payment, PaymentData
from invoicing.settlement.balance import SMALL_DIFFERENCE
from invoicing.settlement.closing import closed
from invoicing.settlement.errors import PaymentExceedsDue, RefundExceedsCredit
from invoicing.settlement.model import settle

LONGEST_REFERENCE = 200


class How(NamedTuple):
    """How the allocations of a request are made."""

    by: Literal["rule", "user"]
    moment: Moment
    accept_overpayment: bool = False
    small_difference: Decimal = Decimal()
    """The most of a document that can be closed as a small difference."""
    confidence: Confidence | None = None
    why: tuple[Why, ...] = ()
    """With a rule: how sure it is, and its reasons."""


class Allocated(NamedTuple):
    """An allocation with its payment, and the document after it."""

    allocation: BankAllocation
    payment: Payment
    document: InvoiceSummary


def allocate(
    transaction: BankTransaction,
    document: InvoiceSummary,
    wanted: AllocationRequest,
    payment_id: str,
    how: How,
) -> Allocated:
    """Allocate a part of a transaction to a document. The rest of the transaction stays for others."""
    if document.currency != transaction.currency:
        raise AllocationCurrencyDiffers(
            f"The document is in {document.currency}, the transaction in {transaction.currency}.", pointer="/invoice_id"
        )
    if any(one.target_id == document.id for one in transaction.allocations):
        raise DuplicateExternalId("The transaction is already allocated to the document.", pointer="/invoice_id")
    amount = wanted.amount or _amount_of(transaction, document, wanted)
    if amount > transaction.unallocated:
        raise AllocationExceedsTransaction(
            f"{transaction.unallocated} of the transaction is not allocated.", pointer="/amount"
        )
    came_in = transaction.direction == "credit"
    data = PaymentData(
        amount=amount,
        type="payment" if came_in else "refund",
        method="bank_transfer",
        reference=line(transaction.remittance, LONGEST_REFERENCE),
        external_id=transaction.id,
        cash_discount=wanted.cash_discount,
        date=paid_on(transaction, how.moment.today),
    )
    payment, after = settle(document, payment_id, data, accept_overpayment=how.accept_overpayment, moment=how.moment)
    if wanted.small_difference is not None:
        payment, after = _closing(payment, after, wanted.small_difference, how)
    allocation = BankAllocation(
        kind="invoice" if came_in else "refund",
        target_id=document.id,
        amount=amount,
        cash_discount=wanted.cash_discount,
        small_difference=wanted.small_difference,
        customer_id=document.customer_id,
        payment_id=payment_id,
        by=how.by,
        why=how.why,
    )
    return Allocated(allocation, payment, after)


def _closing(
    payment: Payment, document: InvoiceSummary, difference: Decimal, how: How
) -> tuple[Payment, InvoiceSummary]:
    """The payment with the rest that is closed with it, and the closed document."""
    left, fees = document.due, document.dunning_so_far.fees_due
    if difference > how.small_difference or document.status is not Status.OPEN or difference != left or fees:
        raise SmallDifferenceNotAllowed(
            f"{left} stays due, and {fees} of fees. At most {how.small_difference} is a small difference.",
            pointer="/small_difference",
        )
    after = closed(document, SMALL_DIFFERENCE, moment=how.moment)
    return payment.model_copy(update={"small_difference": left}), after


def paid_on(transaction: BankTransaction, today: date) -> date:
    """The date of the payment: the value date, and never a later one than today."""
    return min(transaction.value_date or transaction.booked_on, today)


def _amount_of(transaction: BankTransaction, document: InvoiceSummary, wanted: AllocationRequest) -> Decimal:
    """The amount that the document has due, as far as the transaction has it."""
    if not transaction.unallocated:
        raise AllocationExceedsTransaction("The whole transaction is allocated.", pointer="/invoice_id")
    asked = document.refund_due
    refusal: DomainError = RefundExceedsCredit("Nothing is to be refunded.", pointer="/invoice_id")
    if transaction.direction == "credit":
        require(document, Action.PAY)
        kept_back = (wanted.cash_discount or 0) + (wanted.small_difference or 0)
        asked = document.due + document.written_off + document.dunning_so_far.fees_due - kept_back
        refusal = PaymentExceedsDue("Nothing is due on the document.", pointer="/invoice_id")
    if asked <= 0:
        raise refusal
    return min(asked, transaction.unallocated).quantize(Decimal(1).scaleb(-exponent(document.currency)), ROUND_DOWN)


@contextmanager
def placed(prefix: str) -> Iterator[None]:
    """Point the mistakes of a part of a request at its place in the request."""
    try:
        yield
    except DomainError as error:
        found = error.errors or (Violation("/invoice_id", error.code, error.detail),)
        error.errors = tuple(replace(one, pointer=f"{prefix}{one.pointer}") for one in found)
        raise
