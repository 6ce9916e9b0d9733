"""The files of a document, which is its PDF and, where it is sent as an e-invoice, its XML."""

from typing import Literal

from invoicing.domain.ids import sibling, twin
from invoicing.domain.model import Value
from invoicing.domain.party import EinvoiceFormat

FileKind = Literal["pdf", "xml"]
CONTENT_TYPES: dict[FileKind, str] = {"pdf": "application/pdf", "xml": "application/xml"}


class StoredFile(Value):
    """A file of a document. `pending` until it is rendered; then it lies under its SHA-256 and never changes."""

    id: str
    status: Literal["pending", "available"] = "pending"
    sha256: str | None = None
    size: int | None = None


def files_of(document_id: str, format_: EinvoiceFormat) -> dict[str, StoredFile]:
    """The files that a document has from its issue on; they are rendered after it."""
    pdf = StoredFile(id=twin("file", document_id))
    return {"pdf": pdf} if format_ == "none" else {"pdf": pdf, "xml": StoredFile(id=sibling(pdf.id))}
