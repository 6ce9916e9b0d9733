"""GET /invoices/{invoice_id}/explain"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.explanation import Explanation, explanation
from invoicing.domain.ids import InvoiceId


@endpoint(
    "GET",
    "/invoices/{invoice_id}/explain",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, request: Request) -> Explanation:
    """Explain how the totals of a document were calculated.

    Each amount comes with its rule, formula and rounding.
    """
    return explanation(request.store.invoice(invoice_id))
