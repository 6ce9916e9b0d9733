"""GET /invoices/{invoice_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice


@endpoint(
    "GET",
    "/invoices/{invoice_id}",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, AccessDenied],
    canary=True,
    portal=True,
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Show an invoice, credit note or cancellation with all its lines and texts."""
    return request.store.invoice(invoice_id)
