"""DELETE /invoices/{invoice_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceDeleted
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.orders.workflow import freed_order
from invoicing.subscriptions.workflow import released_periods


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}",
    scope="invoice:write",
    action=Action.DELETE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE],
)
def handler(invoice_id: InvoiceId, request: Request) -> None:
    """Delete a draft invoice.

    Issued documents cannot be deleted. The order of a deleted draft can be invoiced again.
    """
    invoice = request.store.get(InvoiceSummary, invoice_id)
    require(invoice, Action.DELETE)
    freed = (*freed_order(request.store, invoice), *released_periods(request.store, invoice))
    request.store.delete(Recorded(invoice, InvoiceDeleted()), *freed)
