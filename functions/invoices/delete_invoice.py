"""DELETE /invoices/{invoice_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound
from invoicing.domain.events import InvoiceDeleted
from invoicing.domain.ids import InvoiceId
from invoicing.domain.lifecycle import Action, require
from invoicing.workflows.orders import freeing


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}",
    scope="invoice:write",
    action=Action.DELETE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, AccessDenied, InvalidState],
)
def handler(invoice_id: InvoiceId, request: Request) -> None:
    """Delete a draft invoice.

    Issued documents cannot be deleted. The order of a deleted draft can be invoiced again.
    """
    invoice = request.store.invoice_summary(invoice_id)
    require(invoice, Action.DELETE)
    request.store.delete(invoice, InvoiceDeleted(), *freeing(request.store, invoice))
