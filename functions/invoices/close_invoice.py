"""POST /invoices/{invoice_id}/close"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.lifecycle import CloseInvoice
from invoicing.domain.closing import closed
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound
from invoicing.domain.events import InvoiceClosed
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action


@endpoint(
    "POST",
    "/invoices/{invoice_id}/close",
    scope="invoice:finalize",
    action=Action.CLOSE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, AccessDenied, InvalidState],
)
def handler(invoice_id: InvoiceId, body: CloseInvoice, request: Request) -> Invoice:
    """Close an invoice and write off the amount due.

    The invoice keeps its number and can still be paid. Dunning stops.
    """
    invoice = request.store.invoice(invoice_id)
    after = closed(invoice, body.reason, by=request.caller, at=request.now)
    return request.store.commit(after, InvoiceClosed(reason=body.reason))
