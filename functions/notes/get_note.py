"""GET /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, NoteId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import NoteNotFound
from invoicing.notes.model import Note


@endpoint(
    "GET",
    "/invoices/{invoice_id}/notes/{note_id}",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT, NoteNotFound],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, request: Request) -> Note:
    """Retrieve a note with its files."""
    request.store.get(InvoiceSummary, invoice_id)
    return request.store.get(Note, invoice_id, note_id)
