"""What can be refused about dunning. Only the functions that deal with it load it."""

from invoicing.domain.errors import Category, DomainError, NotFound


class RuleNotFound(NotFound):
    """There is no such dunning rule."""

    code = "RULE_NOT_FOUND"


class DocumentNotFound(NotFound):
    """There is no such dunning document, or not for this caller."""

    code = "DOCUMENT_NOT_FOUND"


class DocumentCanceled(DomainError):
    """The dunning document was canceled before."""

    code = "DOCUMENT_CANCELED"
    category = Category.CONFLICT
