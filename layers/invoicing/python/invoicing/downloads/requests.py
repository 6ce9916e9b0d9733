"""Requests about download links."""

from typing import Annotated

from pydantic import Field

from invoicing.core.model import Value
from invoicing.core.stored_file import FileKind
from invoicing.downloads.model import DEFAULT_SECONDS


class LinkLife(Value):
    """How long a new download link is valid."""

    expires_in: Annotated[int, Field(ge=5, le=604_800)] = DEFAULT_SECONDS
    """Number of seconds until the link expires, from 5 to 604,800 (7 days)."""


class CreateDownloadLink(LinkLife):
    """The file that a new download link opens, and how long the link is valid."""

    file: FileKind = "pdf"
    """File that the link opens."""
