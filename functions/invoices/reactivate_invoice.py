"""POST /invoices/{invoice_id}/reactivate"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceCanceled, InvoiceReactivated
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.orders.errors import OrderAlreadyInvoiced
from invoicing.orders.workflow import reinvoiced_order
from invoicing.settlement.closing import reactivated, reopened
from invoicing.settlement.deducting import deducted_again
from invoicing.settlement.errors import AlreadyCorrected, CancellationSent, DepositNotDeductible
from invoicing.settlement.table import credited_of
from invoicing.subscriptions.errors import AlreadyRebilled
from invoicing.subscriptions.workflow import rebilled_periods


@endpoint(
    "POST",
    "/invoices/{invoice_id}/reactivate",
    scope="invoice:finalize",
    action=Action.REACTIVATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        CancellationSent,
        AlreadyCorrected,
        OrderAlreadyInvoiced,
        AlreadyRebilled,
        DepositNotDeductible,
    ],
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Reactivate a canceled or closed invoice.

    The invoice keeps its number; its cancellation is canceled.
    """
    store, moment = request.store, request.moment
    invoice = store.get(Invoice, invoice_id)
    require(invoice, Action.REACTIVATE)
    if invoice.cancellation_id is None:
        return store.commit(Recorded(reopened(invoice, moment=moment), InvoiceReactivated()))
    cancellation = store.get(InvoiceSummary, invoice.cancellation_id)
    credited = next(one for one in credited_of(store, invoice) if one.credit_note_id == cancellation.id)
    corrected = invoice.correction_id is not None and store.exists(InvoiceSummary, invoice.correction_id)
    after, document, gone = reactivated(invoice, cancellation, credited, corrected=corrected, moment=moment)
    order = reinvoiced_order(store, invoice)
    deposits = deducted_again(store, invoice)
    periods = rebilled_periods(store, invoice)
    changes = (Recorded(document, InvoiceCanceled()), gone, *order, *deposits, *periods)
    return store.commit(Recorded(after, InvoiceReactivated()), *changes)
