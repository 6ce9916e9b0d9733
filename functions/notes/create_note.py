"""POST /invoices/{invoice_id}/notes"""

from invoicing.api.declaration import Layer
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.notes import AddNote
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.file_errors import FileTooLarge, UnsupportedFileType
from invoicing.domain.ids import InvoiceId
from invoicing.domain.note import Note
from invoicing.workflows.noting import write_note


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.ATTACHMENTS],
    raises=[InvoiceNotFound, AccessDenied, UnsupportedFileType, FileTooLarge],
)
def handler(invoice_id: InvoiceId, body: AddNote, request: Request) -> Note:
    """Create a note with optional files.

    HTML is sanitized.
    """
    request.store.invoice_summary(invoice_id)
    note = Note.new(request.new_id("note"), invoice_id, by=request.caller, at=request.now)
    return write_note(request.store, note, body.note, body.files)
