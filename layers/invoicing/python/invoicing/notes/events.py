"""The events of notes, in the timeline of their document."""

from invoicing.invoices.event import InvoiceEvent
from invoicing.notes.model import Note


class NoteAdded(InvoiceEvent):
    """A note was created."""

    name = "invoice.note_added"
    action_key = "NOTE"

    note_id: str
    files: tuple[str, ...] = ()
    """Identifiers of the files that were added."""


class NoteUpdated(InvoiceEvent):
    """A note was updated."""

    name = "invoice.note_updated"
    action_key = "NOTE"

    note_id: str
    files: tuple[str, ...] = ()
    """Identifiers of the files that were added."""


class UploadRequested(InvoiceEvent):
    """An upload of a large file was requested."""

    name = "invoice.upload_requested"
    action_key = "NOTE"

    note_id: str
    file_id: str


class FileAvailable(InvoiceEvent):
    """An uploaded file arrived as announced."""

    name = "invoice.file_available"
    action_key = "NOTE"

    note_id: str
    file_id: str


class FileRejected(InvoiceEvent):
    """An uploaded file did not arrive as announced."""

    name = "invoice.file_rejected"
    action_key = "NOTE"

    note_id: str
    file_id: str
    reason: str
    """Reason why the file is not available."""


class FileQuarantined(InvoiceEvent):
    """A file was found to be malware and can no longer be downloaded."""

    name = "invoice.file_quarantined"
    action_key = "NOTE"

    note_id: str
    file_id: str
    reason: str
    """Reason why the file is not available."""


class NoteDeleted(InvoiceEvent):
    """A note was deleted; its files can no longer be downloaded."""

    name = "invoice.note_deleted"
    action_key = "NOTE"

    note_id: str
    objects: tuple[str, ...] = ()
    """Storage locations of the files, as `<file id>/<sha256>`."""

    @classmethod
    def of(cls, note: Note) -> "NoteDeleted":
        """The event of a deleted note."""
        return cls(note_id=note.id, objects=tuple(f"{file.id}/{file.sha256}" for file in note.files))
