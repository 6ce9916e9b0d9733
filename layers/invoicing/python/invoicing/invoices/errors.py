"""Refusals about invoices."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class ReferenceNotFound(RuleBroken):
    """The request refers to an object that does not exist."""

    code = "REFERENCE_NOT_FOUND"


class InvoiceNotFound(NotFound):
    """The invoice does not exist."""

    code = "INVOICE_NOT_FOUND"


class InvalidState(DomainError):
    """The document's status does not allow this action."""

    code = "INVALID_STATE"
    category = Category.CONFLICT


class FileNotReady(DomainError):
    """The file is not ready yet."""

    code = "FILE_NOT_READY"
    retry_after = 5
    category = Category.CONFLICT


class TaxMissing(RuleBroken):
    """The adjustment requires a tax, and the tenant has no default tax."""

    code = "TAX_MISSING"


class NoRecipient(RuleBroken):
    """The document has no recipient with an e-mail address."""

    code = "NO_RECIPIENT"
