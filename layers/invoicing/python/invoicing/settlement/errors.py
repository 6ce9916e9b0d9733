"""Refusals about payments, credit and cancellation."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class ReversalExceedsPaid(RuleBroken):
    """The payment was refunded; reverse the refund first."""

    code = "REVERSAL_EXCEEDS_PAID"


class CreditNotApplicable(RuleBroken):
    """Credit applies only to documents of the same customer and currency."""

    code = "CREDIT_NOT_APPLICABLE"


class CreditExceedsInvoice(RuleBroken):
    """The credit exceeds the amount that is not credited yet."""

    code = "CREDIT_EXCEEDS_INVOICE"


class NothingToCredit(RuleBroken):
    """The amount of a credit note must be greater than zero."""

    code = "NOTHING_TO_CREDIT"


class NothingToCancel(RuleBroken):
    """The invoice is already credited in full."""

    code = "NOTHING_TO_CANCEL"


class CreditNoteSent(DomainError):
    """The credit note was sent to the customer and cannot be voided."""

    code = "CREDIT_NOTE_SENT"
    category = Category.CONFLICT


class CancellationSent(DomainError):
    """The cancellation was sent to the customer; issue a new invoice."""

    code = "CANCELLATION_SENT"
    category = Category.CONFLICT


class AlreadyCorrected(DomainError):
    """The invoice was already replaced by a correction."""

    code = "ALREADY_CORRECTED"
    category = Category.CONFLICT


class PaymentReversed(DomainError):
    """The payment is already reversed."""

    code = "PAYMENT_REVERSED"
    category = Category.CONFLICT


class PaymentNotFound(NotFound):
    """The payment does not exist."""

    code = "PAYMENT_NOT_FOUND"


class PaymentExceedsDue(RuleBroken):
    """The payment exceeds the amount due."""

    code = "PAYMENT_EXCEEDS_DUE"


class RefundExceedsCredit(RuleBroken):
    """The refund exceeds the amount to be refunded."""

    code = "REFUND_EXCEEDS_CREDIT"


class CashDiscountNotAllowed(RuleBroken):
    """The payment terms do not allow this cash discount."""

    code = "CASH_DISCOUNT_NOT_ALLOWED"
