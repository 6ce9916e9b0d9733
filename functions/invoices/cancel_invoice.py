"""POST /invoices/{invoice_id}/cancel"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.lifecycle import CancelInvoice
from invoicing.domain.errors import AccessDenied, DateNotAllowed, InvalidState, InvoiceNotFound, NumberTaken, SeriesBusy
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action
from invoicing.domain.settlement_errors import CreditNoteSent, NothingToCancel
from invoicing.workflows.canceling import cancel


@endpoint(
    "POST",
    "/invoices/{invoice_id}/cancel",
    scope="invoice:finalize",
    action=Action.CANCEL,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        CreditNoteSent,
        NothingToCancel,
        DateNotAllowed,
        NumberTaken,
        SeriesBusy,
    ],
)
def handler(invoice_id: InvoiceId, body: CancelInvoice, request: Request) -> Invoice:
    """Cancel an invoice: a cancellation takes back what is not credited yet, and what was paid has to go back.

    A credit note is void then, if its customer has not seen it.
    """
    return cancel(request.store, invoice_id, body.reason)
