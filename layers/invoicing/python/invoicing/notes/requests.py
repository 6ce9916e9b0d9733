"""What clients say about notes."""

from typing import Annotated

from pydantic import AfterValidator, Field

from invoicing.core.model import Value, clean
from invoicing.http.form import Form

NoteHtml = Annotated[
    str, AfterValidator(clean), Field(max_length=10_000, examples=["<p>Approved, see the <b>receipt</b>.</p>"])
]
"""HTML; of what it says is kept what may be shown (E50)."""


class AddNote(Form):
    """What is to be known about a document, with files that belong to it."""

    note: NoteHtml | None = None


class AnnounceFile(Value):
    """A file that is going to be uploaded: its name, what it is, how large, and its SHA-256 in hexadecimal."""

    name: Annotated[str, Field(min_length=1, max_length=300, examples=["plan.pdf"])]
    content_type: Annotated[str, Field(max_length=150, examples=["application/pdf"])]
    size: Annotated[int, Field(ge=1, examples=[12_582_912])]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["5f" * 32])]


class PutNote(Form):
    """What a note says from now on, and files besides those that it has (E60, E61)."""

    text: NoteHtml | None = None
