"""POST /invoices/{invoice_id}/notes"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import FileTooLarge, UnsupportedFileType
from invoicing.notes.model import Note
from invoicing.notes.requests import AddNote
from invoicing.notes.workflow import write_note


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.ATTACHMENTS],
    raises=[*OF_A_DOCUMENT, UnsupportedFileType, FileTooLarge],
)
def handler(invoice_id: InvoiceId, body: AddNote, request: Request) -> Note:
    """Create a note with optional files.

    HTML is sanitized.
    """
    request.store.get(InvoiceSummary, invoice_id)
    note = Note.new(request.new_id("note"), invoice_id, moment=request.moment)
    return write_note(request.store, note, body.note, body.files)
