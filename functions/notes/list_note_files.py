"""GET /invoices/{invoice_id}/notes/{note_id}/files"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.file_errors import NoteNotFound
from invoicing.domain.ids import InvoiceId, NoteId
from invoicing.domain.note import NoteFile
from invoicing.domain.pages import Page


@endpoint(
    "GET",
    "/invoices/{invoice_id}/notes/{note_id}/files",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, NoteNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, request: Request) -> Page[NoteFile]:
    """List the files of a note.

    A note has at most 100 files; the list is not paged.
    """
    request.store.invoice_summary(invoice_id)
    return Page(data=request.store.note(invoice_id, note_id).files, has_more=False, next_cursor=None)
