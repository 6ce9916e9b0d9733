"""GET /invoices/{invoice_id}/explain"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.explanation import Explanation, explanation
from invoicing.invoices.model import Invoice


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
    return explanation(request.store.get(Invoice, invoice_id))
