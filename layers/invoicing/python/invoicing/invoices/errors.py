"""Refusals about invoices."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class ReferenceNotFound(RuleBroken):
    """The request refers to an object that does not exist.

    Correct the identifiers that `errors` names.
    """

    code = "REFERENCE_NOT_FOUND"


class InvoiceNotFound(NotFound):
    """The invoice does not exist.

    Check the identifier and the tenant of the credentials; list the documents to find it.
    """

    code = "INVOICE_NOT_FOUND"


class InvalidState(DomainError):
    """The status does not allow this action.

    Choose one of the `allowed_actions`, or retrieve the resource to see its status.
    """

    code = "INVALID_STATE"
    category = Category.CONFLICT


class FileNotReady(DomainError):
    """The file is not ready yet.

    Repeat the request after the time in `Retry-After`. A rejected or quarantined file is never ready.
    """

    code = "FILE_NOT_READY"
    retry_after = 5
    category = Category.CONFLICT


class TaxMissing(RuleBroken):
    """The adjustment requires a tax, and the tenant has no default tax.

    Set `tax` on the adjustment, or `default_tax` on the tenant.
    """

    code = "TAX_MISSING"


class NoRecipient(RuleBroken):
    """The document has no recipient with an e-mail address.

    Add an e-mail address to the customer, or send with `to`.
    """

    code = "NO_RECIPIENT"
