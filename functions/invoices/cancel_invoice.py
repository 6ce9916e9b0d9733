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
    """Cancel an invoice.

    Issues a cancellation over the amount that is not credited yet. Payments received become `refund_due`. A
    credit note is voided instead, unless it was sent to the customer.
    """
    return cancel(request.store, invoice_id, body.reason)
