"""What clients say about download links."""

from typing import Annotated

from pydantic import Field

from invoicing.core.model import Value
from invoicing.core.stored_file import FileKind
from invoicing.downloads.model import DEFAULT_SECONDS


class LinkLife(Value):
    """For how many seconds a link opens its file (5 s to 7 days)."""

    expires_in: Annotated[int, Field(ge=5, le=604_800)] = DEFAULT_SECONDS


class CreateDownloadLink(LinkLife):
    """Which file to open, and for how many seconds (5 s to 7 days)."""

    file: FileKind = "pdf"
