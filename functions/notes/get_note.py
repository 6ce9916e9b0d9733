"""GET /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.file_errors import NoteNotFound
from invoicing.domain.ids import InvoiceId, NoteId
from invoicing.domain.note import Note


@endpoint(
    "GET",
    "/invoices/{invoice_id}/notes/{note_id}",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, NoteNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, request: Request) -> Note:
    """Retrieve a note with its files."""
    request.store.invoice_summary(invoice_id)
    return request.store.note(invoice_id, note_id)
