"""What clients say about download links."""

from typing import Annotated

from pydantic import Field

from invoicing.domain.download_link import DEFAULT_SECONDS
from invoicing.domain.model import Value
from invoicing.domain.stored_file import FileKind


class LinkLife(Value):
    """For how many seconds a link opens its file (5 s to 7 days)."""

    expires_in: Annotated[int, Field(ge=5, le=604_800)] = DEFAULT_SECONDS


class CreateDownloadLink(LinkLife):
    """Which file to open, and for how many seconds (5 s to 7 days)."""

    file: FileKind = "pdf"
