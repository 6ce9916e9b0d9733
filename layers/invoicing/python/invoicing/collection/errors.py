"""Refusals about payment methods of customers."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class PaymentMethodNotFound(NotFound):
    """The payment method does not exist.

    Check the identifier; list the payment methods of the customer to find it.
    """

    code = "PAYMENT_METHOD_NOT_FOUND"


class MandateExists(DomainError):
    """Another mandate of the tenant has this reference.

    Use another reference, or omit it: then the number series `mandate` gives one.
    """

    code = "MANDATE_EXISTS"
    category = Category.CONFLICT


class PaymentMethodEnded(DomainError):
    """The payment method was revoked, used up or expired, and can no longer be updated.

    Create a new payment method with a new mandate.
    """

    code = "PAYMENT_METHOD_ENDED"
    category = Category.CONFLICT


class CreditorIdMissing(RuleBroken):
    """The tenant has no SEPA creditor identifier.

    Set `creditor_id` of the tenant.
    """

    code = "CREDITOR_ID_MISSING"


class SepaAccountMissing(RuleBroken):
    """No bank account of the tenant has an IBAN of a country that takes part in SEPA.

    Add one to `bank_accounts` of the tenant.
    """

    code = "SEPA_ACCOUNT_MISSING"
