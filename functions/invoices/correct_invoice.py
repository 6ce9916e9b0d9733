"""POST /invoices/{invoice_id}/correct"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import CorrectionCreated
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import CancelInvoice
from invoicing.issuing.refusals import OF_ITS_ISSUE, OF_ITS_STATE
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.settlement.canceling import cancel_invoice
from invoicing.settlement.correction import Correction, correction
from invoicing.settlement.errors import DepositDeducted, NothingToCancel
from invoicing.subscriptions.billing.correcting import rests_of
from invoicing.subscriptions.workflow import reassigned_periods


@endpoint(
    "POST",
    "/invoices/{invoice_id}/correct",
    scope="invoice:finalize",
    status=201,
    action=Action.CORRECT,
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[
        *OF_ITS_STATE,
        *OF_ITS_ISSUE,
        NothingToCancel,
        CustomerNotFound,
        DepositDeducted,
        AttachmentNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: CancelInvoice, request: Request) -> Invoice:
    """Cancel an invoice and create a corrected draft.

    Payments move to the correction when it is finalized.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.CORRECT)
    tenant, customer = tenant_and_customer(request.store, invoice.customer_id)
    rests = rests_of(request.store, invoice)
    lines = {id_: [one.line for one in some] for id_, some in rests.items()}
    draft = correction(invoice, lines, customer=customer, tenant=tenant, moment=request.moment)
    items = {id_: [one.item for one in some] for id_, some in rests.items()}
    periods = reassigned_periods(request.store, invoice, draft, items)
    made = Correction(Recorded(draft, CorrectionCreated()), periods)
    return cancel_invoice(request.store, invoice, body, correction=made)
