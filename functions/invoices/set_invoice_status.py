"""PUT /invoices/{invoice_id}/status"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.lifecycle import SetStatus
from invoicing.domain.closing import closed
from invoicing.domain.errors import (
    AccessDenied,
    DateNotAllowed,
    InsufficientPermissions,
    InvalidState,
    InvoiceNotFound,
    NumberTaken,
    PaymentExceedsDue,
    SeriesBusy,
)
from invoicing.domain.events import InvoiceClosed
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.settlement_errors import CreditNoteSent, NothingToCancel
from invoicing.workflows.canceling import cancel
from invoicing.workflows.settling import pay_the_rest


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/status",
    scope="invoice:finalize",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        CreditNoteSent,
        NothingToCancel,
        DateNotAllowed,
        PaymentExceedsDue,
        NumberTaken,
        SeriesBusy,
    ],
)
def handler(invoice_id: InvoiceId, body: SetStatus, request: Request) -> Invoice:
    """Set an issued invoice to paid, void or uncollectible.

    `paid` records a payment over the amount due and also requires the scope `payment:write`; `void` cancels the
    invoice; `uncollectible` closes it.
    """
    store = request.store
    if body.status == "void":
        return cancel(store, invoice_id)
    if body.status == "paid":
        if "payment:write" not in request.caller.scopes:
            raise InsufficientPermissions("The credentials lack the scope payment:write.")
        return pay_the_rest(store, store.invoice(invoice_id))
    after = closed(store.invoice(invoice_id), "write_off", by=request.caller, at=request.now)
    return store.commit(after, InvoiceClosed(reason="write_off"))
