"""order.canceled from the order system → the order and its invoice are canceled"""

from invoicing.aws.grants import Grant
from invoicing.consumers.partner_events import partner_event
from invoicing.core.event import Recorded
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceDeleted
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import CancelInvoice
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.events import OrderCanceled
from invoicing.orders.model import OrderSummary
from invoicing.orders.partner_events import PartnerOrderCanceled
from invoicing.settlement.canceling import cancel_invoice


@partner_event(
    "order.canceled", source="orders", detail=PartnerOrderCanceled, grants=[Grant.READ, Grant.COMMIT, Grant.SEND_TO_DLQ]
)
def handler(event: PartnerOrderCanceled, request: Request) -> None:
    """Cancel an order and its invoice.

    A draft is deleted, an issued invoice is canceled.
    """
    store = request.store
    holder = store.holder(OrderSummary, "external_id", event.order.external_id)
    if holder is None:
        raise OrderNotFound
    order = store.get(OrderSummary, holder)
    if order.status == "canceled":
        return
    canceled = order.canceled(moment=request.moment)
    if not order.invoice_ids:
        store.commit(Recorded(canceled, OrderCanceled()))
        return
    [invoice_id] = order.invoice_ids
    invoice = store.get(Invoice, invoice_id)
    if invoice.status is Status.DRAFT:
        store.delete(Recorded(invoice, InvoiceDeleted()), Recorded(canceled, OrderCanceled()))
    else:
        cancel_invoice(
            store, invoice, CancelInvoice(reason=event.order.reason), with_order=[Recorded(canceled, OrderCanceled())]
        )
