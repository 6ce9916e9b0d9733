"""Refusals about dunning."""

from invoicing.core.errors import Category, DomainError, NotFound


class RuleNotFound(NotFound):
    """The dunning rule does not exist.

    Check the identifier; list the dunning rules to find it.
    """

    code = "RULE_NOT_FOUND"


class DocumentNotFound(NotFound):
    """The dunning document does not exist.

    Check the identifier; list the dunning documents to find it.
    """

    code = "DOCUMENT_NOT_FOUND"


class DocumentCanceled(DomainError):
    """The dunning document is already canceled.

    No action is needed.
    """

    code = "DOCUMENT_CANCELED"
    category = Category.CONFLICT


class DuplicateLevel(DomainError):
    """A rule for this level and customer type already exists.

    Update the existing rule, or use another level or customer type.
    """

    code = "DUPLICATE_LEVEL"
    category = Category.CONFLICT
