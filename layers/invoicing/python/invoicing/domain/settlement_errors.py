"""What can be refused about credit, cancellation and payments that are taken back."""

from invoicing.domain.errors import Category, DomainError, RuleBroken


class ReversalExceedsPaid(RuleBroken):
    """What came in has gone back already; reverse the refund first."""

    code = "REVERSAL_EXCEEDS_PAID"


class CreditNotApplicable(RuleBroken):
    """Credit can only be applied to another document of the same customer in the same currency."""

    code = "CREDIT_NOT_APPLICABLE"


class CreditExceedsInvoice(RuleBroken):
    """The credit is more than what is left of the invoice."""

    code = "CREDIT_EXCEEDS_INVOICE"


class NothingToCredit(RuleBroken):
    """A credit note is over more than nothing."""

    code = "NOTHING_TO_CREDIT"


class NothingToCancel(RuleBroken):
    """The invoice is credited in full already."""

    code = "NOTHING_TO_CANCEL"


class CreditNoteSent(DomainError):
    """The customer has the credit note already; it cannot be voided."""

    code = "CREDIT_NOTE_SENT"
    category = Category.CONFLICT


class CancellationSent(DomainError):
    """The customer has the cancellation already; issue a new invoice instead."""

    code = "CANCELLATION_SENT"
    category = Category.CONFLICT


class AlreadyCorrected(DomainError):
    """A corrected invoice takes the place of this one."""

    code = "ALREADY_CORRECTED"
    category = Category.CONFLICT


class PaymentReversed(DomainError):
    """The payment is reversed already."""

    code = "PAYMENT_REVERSED"
    category = Category.CONFLICT


class TaxMissing(RuleBroken):
    """An adjustment names a tax, or the tenant has one by default."""

    code = "TAX_MISSING"
