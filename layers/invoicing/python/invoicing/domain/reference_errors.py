"""Refusals of references that a request makes to other objects."""

from invoicing.domain.errors import RuleBroken


class ReferenceNotFound(RuleBroken):
    """The request refers to an object that does not exist."""

    code = "REFERENCE_NOT_FOUND"
