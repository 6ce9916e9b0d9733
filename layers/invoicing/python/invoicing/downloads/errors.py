"""Refusals about files and download links."""

from invoicing.core.errors import Category, DomainError, NotFound


class LinkNotFound(NotFound):
    """The download link does not exist.

    Check the URL, or create a new download link.
    """

    code = "LINK_NOT_FOUND"


class LinkExpired(DomainError):
    """The download link expired or was revoked.

    Create a new download link.
    """

    code = "LINK_EXPIRED"
    category = Category.GONE
