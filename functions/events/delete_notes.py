"""invoice.deleted → the draft's notes are deleted"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.invoices.event import about_document
from invoicing.notes.events import NoteDeleted
from invoicing.notes.model import Note
from invoicing.store.store import Store


@bus_event("invoice.deleted", grants=[Grant.READ, Grant.COMMIT])
def handler(event: BusEvent, request: Request) -> None:
    """Delete the notes of a deleted draft.

    Each note is deleted in its own transaction; a repeated delivery continues with the rest.
    """
    # One transaction cannot hold all notes. A repeated delivery finds those that are left.
    store = Store(request.store.session)
    for note in store.all(Note, event.resource.id):
        store.delete(note, about_document(note.invoice_id, NoteDeleted.of(note), deleted=True))
