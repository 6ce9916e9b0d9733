"""Documents that support a document (EN 16931 BG-24): named ones, and files of its notes that it contains."""

from typing import Annotated

from pydantic import Field

from invoicing.core.ids import FileId, InvoiceId, NoteId
from invoicing.core.model import Internal, ShortText, Value, copied

MOST_ATTACHMENTS = 20
"""The note of each attached file changes in the transaction that issues the document."""
MOST_ATTACHED_BYTES = 10 * 1024 * 1024
"""The size of all files of a document. XML contains them in base64, which takes a third more."""

DocumentLocation = Annotated[
    str,
    Field(
        pattern=r"^((https?|ftps?|sftp)://[^\s]+|([A-Za-z0-9-]+\.)+[A-Za-z]{2,}([:/?#][^\s]*)?)$",
        max_length=1_000,
        examples=["https://example.com/a"],
    ),
]
"""Address on the web, of up to 1,000 characters: with a scheme such as `https://`, or a host such as `www.example.com`.
"""


class SupportingDocument(Value):
    """A document that supports the invoice and is published elsewhere (EN 16931 BG-24)."""

    reference: ShortText
    """Identifier of the document, such as its number (EN 16931 BT-122)."""
    description: ShortText | None = None
    """Description of the document (EN 16931 BT-123)."""
    url: DocumentLocation | None = None
    """Address of the document on the web (EN 16931 BT-124)."""


SupportingDocuments = Annotated[tuple[SupportingDocument, ...], Field(max_length=50)]
"""Documents that support one document, at most 50."""


class AttachmentReference(Value):
    """A file of a note, which the document contains when it is issued (EN 16931 BG-24)."""

    note_id: Annotated[NoteId, Field(examples=["note_01JD8X2V6PZ3QK7M5T9WRC4HBN"])]
    """Identifier of a note of the document, or of the invoice that the document credits."""
    file_id: Annotated[FileId, Field(examples=["file_01JD8X2V6PZ3QK7M5T9WRC4HBN"])]
    """Identifier of the file (EN 16931 BT-125): available, and a PDF, PNG, JPEG, CSV, XLSX or ODS file."""
    description: ShortText | None = None
    """Description of the file."""
    reference: ShortText | None = None
    """Identifier of the file as a supporting document, such as its number; the name of the file by default."""
    url: DocumentLocation | None = None
    """Address on the web where the file is published too."""


AttachmentReferences = Annotated[tuple[AttachmentReference, ...], Field(max_length=MOST_ATTACHMENTS)]
"""Files that one document contains, at most 20."""


class Attachment(Value):
    """A file that the document contains, in its XML and in its PDF (EN 16931 BG-24)."""

    invoice_id: Annotated[InvoiceId | None, Internal] = None
    """Identifier of the credited invoice that the note belongs to; null for a note of this document."""
    note_id: Annotated[NoteId | None, Internal] = None
    """Identifier of the note that the file belongs to."""
    file_id: Annotated[FileId | None, Internal] = None
    """Identifier of the file."""
    description: ShortText | None = None
    """Description of the file."""
    reference: ShortText | None = None
    """Identifier of the file as a supporting document; null if that is its name."""
    url: DocumentLocation | None = None
    """Address on the web where the file is published too."""
    name: str
    """Name of the file."""
    content_type: str
    """Media type of the file, such as `application/pdf`."""
    size: int
    """Size of the file in bytes."""
    sha256: str
    """SHA-256 hash of the file, as 64 hexadecimal digits."""

    @property
    def source(self) -> AttachmentReference:
        """The file of a note, with the fields that a client sent."""
        return copied(AttachmentReference, self)
