"""Refusals about files and download links."""

from invoicing.core.errors import Category, DomainError, NotFound


class LinkNotFound(NotFound):
    """The link does not exist.

    Check the URL, or create a new link.
    """

    code = "LINK_NOT_FOUND"


class LinkExpired(DomainError):
    """The link expired or was revoked.

    Create a new link.
    """

    code = "LINK_EXPIRED"
    category = Category.GONE
