"""GET /invoices/{invoice_id}/payments"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.core.page import ListQuery, Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.table import page_beside
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.payments.model import Payment
from invoicing.payments.table import payments_of


@endpoint(
    "GET",
    "/invoices/{invoice_id}/payments",
    scope="payment:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT],
)
def handler(invoice_id: InvoiceId, query: ListQuery, request: Request) -> Page[Payment]:
    """List the payments and refunds of an invoice, newest first."""
    return page_beside(request, Payment, invoice_id, payments_of(request.caller.tenant_id, invoice_id), query)
