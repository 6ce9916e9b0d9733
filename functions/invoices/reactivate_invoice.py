"""POST /invoices/{invoice_id}/reactivate"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.closing import reactivated, reopened
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound, OrderAlreadyInvoiced
from invoicing.domain.events import InvoiceCanceled, InvoiceReactivated
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.settlement_errors import AlreadyCorrected, CancellationSent
from invoicing.workflows.orders import taking_again


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
