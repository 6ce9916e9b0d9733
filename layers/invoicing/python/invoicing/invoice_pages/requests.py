"""Requests about invoice pages."""

from typing import Annotated

from pydantic import Field

from invoicing.core.activity import CommentText
from invoicing.core.model import Value
from invoicing.core.stored_file import PageForm
from invoicing.invoice_pages.model import DEFAULT_SECONDS, LONGEST_SECONDS


class CreatePageLink(Value):
    """How long a new page link is valid."""

    expires_in: Annotated[int, Field(ge=60, le=LONGEST_SECONDS)] = DEFAULT_SECONDS
    """Number of seconds until the link expires, from 60 to 31,536,000 (a year); 180 days by default."""


class CommentOnPage(PageForm):
    """A comment of the customer, from the form in the page."""

    comment: CommentText
    """Text of the comment, which everyone who has a link to the document can read."""
