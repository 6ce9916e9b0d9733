"""POST /invoices/{invoice_id}/cancel"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import CancelInvoice
from invoicing.issuing.refusals import OF_ITS_ISSUE, OF_ITS_STATE
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.settlement.canceling import cancel
from invoicing.settlement.errors import CreditNoteSent, DepositDeducted, NothingToCancel


@endpoint(
    "POST",
    "/invoices/{invoice_id}/cancel",
    scope="invoice:finalize",
    action=Action.CANCEL,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        *OF_ITS_ISSUE,
        CreditNoteSent,
        NothingToCancel,
        DepositDeducted,
        AttachmentNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: CancelInvoice, request: Request) -> Invoice:
    """Cancel an invoice.

    Issues a cancellation over the amount that is not credited yet. Payments received become `refund_due`. A
    credit note is voided instead, unless it was sent to the customer.
    """
    return cancel(request.store, invoice_id, body)
