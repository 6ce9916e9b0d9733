"""What happens to notes; it stands in the timeline of their document."""

from invoicing.domain.event import Event
from invoicing.domain.note import Note


class NoteAdded(Event):
    """A note was written about a document."""

    name = "invoice.note_added"
    action_key = "NOTE"

    note_id: str
    files: tuple[str, ...] = ()


class NoteUpdated(Event):
    """A note says something else, or has more files."""

    name = "invoice.note_updated"
    action_key = "NOTE"

    note_id: str
    files: tuple[str, ...] = ()


class UploadRequested(Event):
    """A file was announced that is too large to come with a note."""

    name = "invoice.upload_requested"
    action_key = "NOTE"

    note_id: str
    file_id: str


class FileAvailable(Event):
    """An announced file arrived as it was announced."""

    name = "invoice.file_available"
    action_key = "NOTE"

    note_id: str
    file_id: str


class FileRejected(Event):
    """An announced file did not arrive, or arrived as something else."""

    name = "invoice.file_rejected"
    action_key = "NOTE"

    note_id: str
    file_id: str
    reason: str


class FileQuarantined(Event):
    """A file was found to be harmful, and is not to be had any more."""

    name = "invoice.file_quarantined"
    action_key = "NOTE"

    note_id: str
    file_id: str
    reason: str


class NoteDeleted(Event):
    """A note was taken away. Its files are not to be had any more, and go for good after it."""

    name = "invoice.note_deleted"
    action_key = "NOTE"

    note_id: str
    objects: tuple[str, ...] = ()
    """Where the files lie: `<file id>/<sha256>`."""

    @classmethod
    def of(cls, note: Note) -> "NoteDeleted":
        """The event of a note that is taken away."""
        return cls(note_id=note.id, objects=tuple(f"{file.id}/{file.sha256}" for file in note.files))
