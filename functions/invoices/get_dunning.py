"""GET /invoices/{invoice_id}/dunning"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_step import DunningOutlook
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.workflows.dunning import outlook


@endpoint(
    "GET",
    "/invoices/{invoice_id}/dunning",
    scope="dunning:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, request: Request) -> DunningOutlook:
    """Retrieve the dunning state of an invoice.

    Shows the level reached and the next step with its date and fee.
    """
    invoice = request.store.invoice(invoice_id)
    return DunningOutlook.of(invoice, outlook(request.store, invoice, request.store.dunning_rules()))
