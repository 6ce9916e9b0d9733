"""GET /invoices/{invoice_id}/notes"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.core.page import ListQuery, Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import page_beside
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.model import Note
from invoicing.notes.table import notes_of


@endpoint(
    "GET",
    "/invoices/{invoice_id}/notes",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT],
)
def handler(invoice_id: InvoiceId, query: ListQuery, request: Request) -> Page[Note]:
    """List the notes of a document, newest first."""
    request.store.get(InvoiceSummary, invoice_id)
    return page_beside(request, Note, invoice_id, notes_of(request.caller.tenant_id, invoice_id), query)
