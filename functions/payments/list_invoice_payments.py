"""GET /invoices/{invoice_id}/payments"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import beginning_with
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.pages import ListQuery, Page
from invoicing.domain.payment import Payment


@endpoint(
    "GET",
    "/invoices/{invoice_id}/payments",
    scope="payment:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, query: ListQuery, request: Request) -> Page[Payment]:
    """List the payments and refunds of an invoice, newest first."""
    payments = beginning_with(keys.invoice(request.caller.tenant_id, invoice_id), keys.PAYMENT)
    return request.page_of_document(Payment, invoice_id, payments, query)
