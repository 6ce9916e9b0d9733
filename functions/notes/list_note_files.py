"""GET /invoices/{invoice_id}/notes/{note_id}/files"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, NoteId
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import NoteNotFound
from invoicing.notes.model import Note, NoteFile


@endpoint(
    "GET",
    "/invoices/{invoice_id}/notes/{note_id}/files",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT, NoteNotFound],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, request: Request) -> Page[NoteFile]:
    """List the files of a note.

    A note has at most 100 files; the list is not paged.
    """
    request.store.get(InvoiceSummary, invoice_id)
    return Page(data=request.store.get(Note, invoice_id, note_id).files, has_more=False, next_cursor=None)
