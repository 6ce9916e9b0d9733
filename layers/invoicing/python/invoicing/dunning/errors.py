"""Refusals about dunning."""

from invoicing.core.errors import Category, DomainError, NotFound


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


class DuplicateLevel(DomainError):
    """A rule for this level and customer type already exists."""

    code = "DUPLICATE_LEVEL"
    category = Category.CONFLICT
