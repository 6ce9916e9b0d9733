"""POST /invoices/{invoice_id}/reactivate"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.invoices.events import InvoiceCanceled, InvoiceReactivated
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.orders.errors import OrderAlreadyInvoiced
from invoicing.orders.workflow import taking_again
from invoicing.settlement.closing import reactivated, reopened
from invoicing.settlement.errors import AlreadyCorrected, CancellationSent


@endpoint(
    "POST",
    "/invoices/{invoice_id}/reactivate",
    scope="invoice:finalize",
    action=Action.REACTIVATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, AccessDenied, InvalidState, CancellationSent, AlreadyCorrected, OrderAlreadyInvoiced],
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Reactivate a canceled or closed invoice.

    The invoice keeps its number; its cancellation is canceled.
    """
    store, by, at = request.store, request.caller, request.now
    invoice = store.invoice(invoice_id)
    require(invoice, Action.REACTIVATE)
    if invoice.cancellation_id is None:
        return store.commit(reopened(invoice, by=by, at=at), InvoiceReactivated())
    cancellation = store.invoice_summary(invoice.cancellation_id)
    credited = next(one for one in store.credited(invoice) if one.credit_note_id == cancellation.id)
    corrected = store.has_invoice(invoice.correction_id)
    after, document, gone = reactivated(invoice, cancellation, credited, corrected=corrected, by=by, at=at)
    order = taking_again(store, invoice)
    return store.commit(after, InvoiceReactivated(), document, InvoiceCanceled(), gone, *order)
