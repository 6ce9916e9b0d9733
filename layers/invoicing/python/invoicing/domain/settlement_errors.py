"""What can be refused about credit, cancellation and payments that are taken back."""

from invoicing.domain.errors import Category, DomainError, RuleBroken


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


class TaxMissing(RuleBroken):
    """The adjustment requires a tax, and the tenant has no default tax."""

    code = "TAX_MISSING"
