"""invoice.deleted → the draft's notes are deleted"""

from invoicing.adapters.dynamodb.store import Store
from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.domain.note_events import NoteDeleted


@subscriber("invoice.deleted", grants=[Grant.READ, Grant.COMMIT])
def handler(event: BusEvent, request: Request) -> None:
    """Delete the notes of a deleted draft.

    Each note is deleted in its own transaction; a repeated delivery continues with the rest.
    """
    # Each note by itself, as a transaction has its bounds; a repetition finds those that are left.
    store = Store(request.store.session)
    for note in store.notes(event.resource.id):
        store.delete(note, NoteDeleted.of(note), with_document=True)
