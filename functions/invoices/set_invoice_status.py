"""PUT /invoices/{invoice_id}/status"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import InsufficientPermissions
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceClosed
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import CancelInvoice, SetStatus
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.refusals import OF_ITS_NUMBER, OF_ITS_STATE
from invoicing.settlement.canceling import cancel
from invoicing.settlement.closing import closed
from invoicing.settlement.errors import CreditNoteSent, DepositDeducted, NothingToCancel, PaymentExceedsDue
from invoicing.settlement.workflow import pay_the_rest


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/status",
    scope="invoice:finalize",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        *OF_ITS_NUMBER,
        En16931RuleBroken,
        CreditNoteSent,
        NothingToCancel,
        PaymentExceedsDue,
        DepositDeducted,
    ],
)
def handler(invoice_id: InvoiceId, body: SetStatus, request: Request) -> Invoice:
    """Set an issued invoice to paid, void or uncollectible.

    `paid` records a payment over the amount due and also requires the scope `payment:write`; `void` cancels the
    invoice; `uncollectible` closes it. A cancellation that has to name supporting documents needs
    `POST /invoices/{invoice_id}/cancel`.
    """
    store = request.store
    if body.status == "void":
        return cancel(store, invoice_id, CancelInvoice())
    if body.status == "paid":
        if "payment:write" not in request.caller.scopes:
            raise InsufficientPermissions("The credentials lack the scope payment:write.")
        return pay_the_rest(store, store.get(Invoice, invoice_id))
    after = closed(store.get(Invoice, invoice_id), "write_off", moment=request.moment)
    return store.commit(Recorded(after, InvoiceClosed(reason="write_off")))
