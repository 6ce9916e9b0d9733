"""POST /invoices/{invoice_id}/correct"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.lifecycle import CancelInvoice
from invoicing.domain.correction import correction
from invoicing.domain.errors import (
    AccessDenied,
    CustomerNotFound,
    DateNotAllowed,
    InvalidState,
    InvoiceNotFound,
    NumberTaken,
    SeriesBusy,
)
from invoicing.domain.events import CorrectionCreated
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.settlement_errors import NothingToCancel
from invoicing.workflows.canceling import cancel_invoice


@endpoint(
    "POST",
    "/invoices/{invoice_id}/correct",
    scope="invoice:finalize",
    status=201,
    action=Action.CORRECT,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        NothingToCancel,
        CustomerNotFound,
        DateNotAllowed,
        NumberTaken,
        SeriesBusy,
    ],
)
def handler(invoice_id: InvoiceId, body: CancelInvoice, request: Request) -> Invoice:
    """Cancel an invoice and create a corrected draft.

    Payments move to the correction when it is finalized.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.CORRECT)
    tenant, customer = request.store.tenant_and_customer(invoice.customer_id)
    draft = correction(invoice, customer=customer, tenant=tenant, by=request.caller, at=request.now)
    return cancel_invoice(request.store, invoice, body.reason, correction=(draft, CorrectionCreated()))
