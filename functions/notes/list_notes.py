"""GET /invoices/{invoice_id}/notes"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId
from invoicing.core.page import ListQuery, Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.notes.model import Note
from invoicing.store import keys
from invoicing.store.listing import beginning_with


@endpoint(
    "GET",
    "/invoices/{invoice_id}/notes",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, query: ListQuery, request: Request) -> Page[Note]:
    """List the notes of a document, newest first."""
    request.store.invoice_summary(invoice_id)
    notes = beginning_with(keys.invoice(request.caller.tenant_id, invoice_id), keys.NOTE)
    return request.page_of_document(Note, invoice_id, notes, query)
