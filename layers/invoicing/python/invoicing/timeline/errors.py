"""Refusals about the timeline."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class ActivityNotFound(NotFound):
    """The timeline entry does not exist.

    Check the identifier; list the timeline of the document to find the entry.
    """

    code = "ACTIVITY_NOT_FOUND"


class ActivityImmutable(DomainError):
    """Timeline entries of the system cannot be changed.

    Only comments can be changed or deleted. Add a comment to correct the entry.
    """

    code = "ACTIVITY_IMMUTABLE"
    category = Category.FORBIDDEN


class TooManyEdits(RuleBroken):
    """The comment reached its limit of edits; add a new comment.

    Add a new comment.
    """

    code = "TOO_MANY_EDITS"
