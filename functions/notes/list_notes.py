"""GET /invoices/{invoice_id}/notes"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import beginning_with
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.note import Note
from invoicing.domain.pages import ListQuery, Page


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
