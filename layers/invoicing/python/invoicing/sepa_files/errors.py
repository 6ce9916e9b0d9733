"""Refusals about SEPA files."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class SepaFileNotFound(NotFound):
    """The SEPA file does not exist.

    Check the identifier; list the SEPA files to find it.
    """

    code = "SEPA_FILE_NOT_FOUND"


class SepaDocumentNotFound(NotFound):
    """The SEPA file has no such XML file.

    A file that was written again has new XML files: retrieve it to see them.
    """

    code = "SEPA_DOCUMENT_NOT_FOUND"


class NothingToCollect(RuleBroken):
    """No document can be collected or refunded by a SEPA file.

    A dry run shows the reasons of the documents that it skips.
    """

    code = "NOTHING_TO_COLLECT"


class SepaFileIsUploaded(DomainError):
    """The bank has the SEPA file, so that it can no longer be canceled.

    Ask the bank to recall its transactions.
    """

    code = "SEPA_FILE_UPLOADED"
    category = Category.CONFLICT


class SepaFileIsCanceled(DomainError):
    """The SEPA file was canceled.

    Create a new SEPA file.
    """

    code = "SEPA_FILE_CANCELED"
    category = Category.CONFLICT


class SepaFileIncomplete(DomainError):
    """The SEPA file was not written completely, because a request was interrupted.

    Repeat that request with its `Idempotency-Key`, or cancel the file.
    """

    code = "SEPA_FILE_INCOMPLETE"
    category = Category.CONFLICT


class RefundNotOwed(DomainError):
    """A document no longer owes the amount that the SEPA file pays back.

    Cancel its transaction; then the file is written again without it.
    """

    code = "REFUND_NOT_OWED"
    category = Category.CONFLICT


class SepaFileUnderWay(DomainError):
    """Another request changes the SEPA file at the same moment.

    Retrieve the SEPA file, and repeat the request if it is still needed.
    """

    code = "SEPA_FILE_UNDER_WAY"
    category = Category.CONFLICT
