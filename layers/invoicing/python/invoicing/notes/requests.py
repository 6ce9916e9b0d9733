"""Requests about notes."""

from typing import Annotated

from pydantic import AfterValidator, Field

from invoicing.core.model import Value, clean
from invoicing.core.stored_file import Form

NoteHtml = Annotated[
    str, AfterValidator(clean), Field(max_length=10_000, examples=["<p>Approved, see the <b>receipt</b>.</p>"])
]
"""HTML of up to 10,000 characters. Markup that could run code is removed."""


class AddNote(Form):
    """A note to create. Files are sent as `multipart/form-data`."""

    note: NoteHtml | None = None
    """Text of the note."""


class AnnounceFile(Value):
    """A file to upload, of at most 50 MB."""

    name: Annotated[str, Field(min_length=1, max_length=300, examples=["plan.pdf"])]
    """Name of the file, 1 to 300 characters."""
    content_type: Annotated[str, Field(max_length=150, examples=["application/pdf"])]
    """Media type of the file, up to 150 characters. It must match the content and the extension of the name."""
    size: Annotated[int, Field(ge=1, examples=[12_582_912])]
    """Size of the file in bytes, at least 1 and at most 52,428,800 (50 MB)."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["5f" * 32])]
    """SHA-256 hash of the file, as 64 hexadecimal digits."""


class PutNote(Form):
    """The new content of a note. Files are added to those that the note has."""

    text: NoteHtml | None = None
    """New text of the note."""
