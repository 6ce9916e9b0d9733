"""POST /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, NoteId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import FileTooLarge, NoteNotFound, UnsupportedFileType
from invoicing.notes.model import Note
from invoicing.notes.requests import PutNote
from invoicing.notes.workflow import write_note


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes/{note_id}",
    scope="invoice:write",
    upserts=True,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.ATTACHMENTS],
    raises=[*OF_A_DOCUMENT, NoteNotFound, UnsupportedFileType, FileTooLarge],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, body: PutNote, request: Request) -> Note:
    """Create or update a note.

    Replaces the text and adds files. A well-formed id that does not exist creates the note.
    """
    request.store.get(InvoiceSummary, invoice_id)
    try:
        note = request.store.get(Note, invoice_id, note_id)
    except NoteNotFound:
        note = Note.new(note_id, invoice_id, moment=request.moment)
    return write_note(request.store, note, body.text, body.files)
