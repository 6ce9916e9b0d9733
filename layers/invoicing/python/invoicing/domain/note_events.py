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
