"""Refusals about the tenant's settings."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class BankAccountNotFound(NotFound):
    """The bank account does not exist."""

    code = "BANK_ACCOUNT_NOT_FOUND"


class TenantNotFound(NotFound):
    """The tenant does not exist."""

    code = "TENANT_NOT_FOUND"


class SourceNotAllowed(DomainError):
    """The tenant does not accept events from this source."""

    code = "SOURCE_NOT_ALLOWED"
    category = Category.FORBIDDEN


class SenderMissing(RuleBroken):
    """The tenant has no e-mail sender."""

    code = "SENDER_MISSING"
