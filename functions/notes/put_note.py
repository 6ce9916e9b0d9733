"""POST /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.api.declaration import Layer
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.notes import PutNote
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.file_errors import FileTooLarge, NoteNotFound, UnsupportedFileType
from invoicing.domain.ids import InvoiceId, NoteId
from invoicing.domain.note import Note
from invoicing.workflows.noting import write_note


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes/{note_id}",
    scope="invoice:write",
    upserts=True,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.ATTACHMENTS],
    raises=[InvoiceNotFound, NoteNotFound, AccessDenied, UnsupportedFileType, FileTooLarge],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, body: PutNote, request: Request) -> Note:
    """Create or update a note.

    Replaces the text and adds files. A well-formed id that does not exist creates the note.
    """
    request.store.invoice_summary(invoice_id)
    try:
        note = request.store.note(invoice_id, note_id)
    except NoteNotFound:
        note = Note.new(note_id, invoice_id, by=request.caller, at=request.now)
    return write_note(request.store, note, body.text, body.files)
