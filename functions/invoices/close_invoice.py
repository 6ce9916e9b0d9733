"""POST /invoices/{invoice_id}/close"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceClosed
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import CloseInvoice
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.settlement.closing import closed


@endpoint(
    "POST",
    "/invoices/{invoice_id}/close",
    scope="invoice:finalize",
    action=Action.CLOSE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE],
)
def handler(invoice_id: InvoiceId, body: CloseInvoice, request: Request) -> Invoice:
    """Close an invoice and write off the amount due.

    The invoice keeps its number and can still be paid. Dunning stops.
    """
    invoice = request.store.get(Invoice, invoice_id)
    after = closed(invoice, body.reason, moment=request.moment)
    return request.store.commit(Recorded(after, InvoiceClosed(reason=body.reason)))
