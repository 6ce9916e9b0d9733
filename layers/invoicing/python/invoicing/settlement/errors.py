"""Refusals about payments, credit and cancellation."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class ReversalExceedsPaid(RuleBroken):
    """The payment was refunded; reverse the refund first.

    Reverse the refund first, then the payment.
    """

    code = "REVERSAL_EXCEEDS_PAID"


class CreditNotApplicable(RuleBroken):
    """Credit applies only to documents of the same customer and currency.

    Use a document of the same customer and currency that has a `refund_due`.
    """

    code = "CREDIT_NOT_APPLICABLE"


class CreditExceedsInvoice(RuleBroken):
    """The credit exceeds the amount that is not credited yet.

    Credit at most the amount that is not credited yet. A credit without lines and amount credits all of it.
    """

    code = "CREDIT_EXCEEDS_INVOICE"


class NothingToCredit(RuleBroken):
    """The amount of a credit note must be greater than zero.

    Credit a positive amount. A fully credited invoice has nothing left to credit.
    """

    code = "NOTHING_TO_CREDIT"


class NothingToCancel(RuleBroken):
    """The invoice is already credited in full.

    No action is needed: credit notes cover the whole invoice.
    """

    code = "NOTHING_TO_CANCEL"


class CreditNoteSent(DomainError):
    """The credit note was sent to the customer and cannot be voided.

    The credit note is final. Issue a new invoice for the difference.
    """

    code = "CREDIT_NOTE_SENT"
    category = Category.CONFLICT


class CancellationSent(DomainError):
    """The cancellation was sent to the customer; issue a new invoice.

    The cancellation is final. Duplicate the invoice to issue a new one.
    """

    code = "CANCELLATION_SENT"
    category = Category.CONFLICT


class AlreadyCorrected(DomainError):
    """The invoice was already replaced by a correction.

    Work with the correction, which `correction_id` names.
    """

    code = "ALREADY_CORRECTED"
    category = Category.CONFLICT


class DepositNotDeductible(RuleBroken):
    """The deposit invoice cannot be deducted.

    Use issued deposit invoices of the same customer and currency that no other invoice deducts.
    """

    code = "DEPOSIT_NOT_DEDUCTIBLE"


class DepositDeducted(DomainError):
    """A final invoice deducts the deposit invoice.

    Cancel the final invoice first; `final_invoice_id` names it. If the final invoice is already credited or canceled,
    apply its `refund_due`: record a payment on the deposit invoice with `method` `credit` and the final invoice as
    `source_id`.
    """

    code = "DEPOSIT_DEDUCTED"
    category = Category.CONFLICT


class DepositNotPaid(RuleBroken):
    """A deposit of the invoice is not paid, so its amount cannot be refunded.

    Apply the credit to the deposit invoice: record a payment on it with `method` `credit` and the final invoice as
    `source_id`.
    """

    code = "DEPOSIT_NOT_PAID"


class PaymentReversed(DomainError):
    """The payment is already reversed.

    No action is needed.
    """

    code = "PAYMENT_REVERSED"
    category = Category.CONFLICT


class PaymentNotFound(NotFound):
    """The payment does not exist.

    Check the identifier; list the payments of the document to find it.
    """

    code = "PAYMENT_NOT_FOUND"


class PaymentExceedsDue(RuleBroken):
    """The payment exceeds the amount due.

    Correct the amount, or set `accept_overpayment`.
    """

    code = "PAYMENT_EXCEEDS_DUE"


class RefundExceedsCredit(RuleBroken):
    """The refund exceeds the amount to be refunded.

    Refund at most the document's `refund_due`.
    """

    code = "REFUND_EXCEEDS_CREDIT"


class RefundUnderWay(DomainError):
    """A credit transfer that refunds the document is under way.

    Cancel it in its SEPA file if the bank does not have that yet, or wait until it is settled. The next file of credit
    transfers has one that waits.
    """

    code = "REFUND_UNDER_WAY"
    category = Category.CONFLICT


class CashDiscountNotAllowed(RuleBroken):
    """The payment terms do not allow this cash discount.

    Record the payment without `cash_discount`, or check its date against the payment terms.
    """

    code = "CASH_DISCOUNT_NOT_ALLOWED"
