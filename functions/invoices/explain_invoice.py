"""GET /invoices/{invoice_id}/explain"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.explanation import Explanation, explanation
from invoicing.invoices.model import Invoice
from invoicing.issuing.refusals import OF_A_DOCUMENT


@endpoint(
    "GET",
    "/invoices/{invoice_id}/explain",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT],
)
def handler(invoice_id: InvoiceId, request: Request) -> Explanation:
    """Explain how the totals of a document were calculated.

    Each amount has its rule, formula and rounding.
    """
    return explanation(request.store.get(Invoice, invoice_id))
