"""Refusals about the tenant's settings."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class BankAccountNotFound(NotFound):
    """The bank account does not exist.

    Use the `id` of one of the tenant's `bank_accounts`.
    """

    code = "BANK_ACCOUNT_NOT_FOUND"


class TenantNotFound(NotFound):
    """The tenant does not exist.

    Check the identifier with the operator.
    """

    code = "TENANT_NOT_FOUND"


class SourceNotAllowed(DomainError):
    """The tenant does not accept events from this source.

    Add the source to `event_sources` on the tenant.
    """

    code = "SOURCE_NOT_ALLOWED"
    category = Category.FORBIDDEN


class SenderMissing(RuleBroken):
    """The tenant has no e-mail sender.

    Set `email_sender` on the tenant.
    """

    code = "SENDER_MISSING"
