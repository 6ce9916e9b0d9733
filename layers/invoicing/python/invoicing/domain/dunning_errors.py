"""What can be refused about dunning. Only the functions that deal with it load it."""

from invoicing.domain.errors import Category, DomainError, NotFound


class RuleNotFound(NotFound):
    """The dunning rule does not exist."""

    code = "RULE_NOT_FOUND"


class DocumentNotFound(NotFound):
    """The dunning document does not exist."""

    code = "DOCUMENT_NOT_FOUND"


class DocumentCanceled(DomainError):
    """The dunning document is already canceled."""

    code = "DOCUMENT_CANCELED"
    category = Category.CONFLICT
