"""GET /invoices/{invoice_id}/payments"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId
from invoicing.core.page import ListQuery, Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.settlement.payment import Payment
from invoicing.store import keys
from invoicing.store.listing import beginning_with


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
