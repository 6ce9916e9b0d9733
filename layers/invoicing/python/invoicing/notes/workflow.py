"""How a note is written: all checks precede the storing of files, and the note refers only to stored files."""

from collections.abc import Sequence

from invoicing.core.stored_file import SentFile
from invoicing.documents.markup import sanitized
from invoicing.invoices.event import about_document
from invoicing.notes.events import NoteAdded, NoteUpdated
from invoicing.notes.model import Note, received
from invoicing.notes.storing import stored
from invoicing.store.store import Store


def write_note(store: Store, note: Note, html: str | None, uploads: Sequence[SentFile]) -> Note:
    """Create or update a note with this text (None: keep it), and add files."""
    moment = store.session.moment
    files = received(uploads, moment.at)
    markup = None if html is None else sanitized(html)
    written = note.changed(markup, [file for file, _ in files], moment=moment)
    if files:
        store.require_new()
    event = NoteUpdated if note.version else NoteAdded
    owner = {"invoice_id": note.invoice_id, "note_id": note.id}
    with stored(store.tenant_id, [(file, content, file.content_type) for file, content in files], owner):
        return store.commit(
            written,
            about_document(note.invoice_id, event(note_id=note.id, files=tuple(file.id for file, _ in files))),
        )
