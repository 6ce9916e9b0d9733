"""GET /invoices/{invoice_id}/dunning"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.step import DunningOutlook
from invoicing.dunning.workflow import outlook
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import Invoice
from invoicing.issuing.refusals import OF_A_DOCUMENT


@endpoint(
    "GET",
    "/invoices/{invoice_id}/dunning",
    scope="dunning:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT],
)
def handler(invoice_id: InvoiceId, request: Request) -> DunningOutlook:
    """Retrieve the dunning state of an invoice.

    Shows the level reached and the next step with its date and fee.
    """
    invoice = request.store.get(Invoice, invoice_id)
    return DunningOutlook.of(invoice, outlook(request.store, invoice, request.store.all(DunningRule)))
