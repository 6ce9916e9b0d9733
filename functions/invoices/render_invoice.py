"""POST /invoices/{invoice_id}/render"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound
from invoicing.domain.events import RenderingRequested
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require


@endpoint(
    "POST",
    "/invoices/{invoice_id}/render",
    scope="invoice:write",
    status=202,
    action=Action.RENDER,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, AccessDenied, InvalidState],
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Render the files of an issued document again.

    Missing files are made; files that exist keep their bytes.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.RENDER)
    return request.store.record(invoice, RenderingRequested())
