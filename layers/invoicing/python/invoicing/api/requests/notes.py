"""What clients say about notes."""

from typing import Annotated

from pydantic import AfterValidator, Field

from invoicing.api.form import Form
from invoicing.domain.model import clean

NoteHtml = Annotated[
    str, AfterValidator(clean), Field(max_length=10_000, examples=["<p>Approved, see the <b>receipt</b>.</p>"])
]
"""HTML; of what it says is kept what may be shown (E50)."""


class AddNote(Form):
    """What is to be known about a document, with files that belong to it."""

    note: NoteHtml | None = None


class PutNote(Form):
    """What a note says from now on, and files besides those that it has (E60, E61)."""

    text: NoteHtml | None = None
