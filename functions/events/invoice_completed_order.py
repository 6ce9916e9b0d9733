"""order.completed from the order system → a draft invoice"""

from invoicing.aws.grants import Grant
from invoicing.consumers.partner_events import partner_event
from invoicing.core.event import Recorded
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.customers.table import tenant_and_customer
from invoicing.http.request import Request
from invoicing.invoices.events import OrderedInvoiceCreated
from invoicing.invoices.model import Invoice
from invoicing.orders.events import OrderCreated, OrderInvoiced, OrderUpdated
from invoicing.orders.model import Order, OrderSummary
from invoicing.orders.partner_events import CompletedOrder, PartnerOrderCompleted
from invoicing.orders.workflow import new_order
from invoicing.store.store import Store


@partner_event(
    "order.completed",
    source="orders",
    detail=PartnerOrderCompleted,
    grants=[Grant.READ, Grant.COMMIT, Grant.SEND_TO_DLQ],
)
def handler(event: PartnerOrderCompleted, request: Request) -> None:
    """Create the draft invoice of a completed order, once per order."""
    store, moment = request.store, request.moment
    holder = store.holder(OrderSummary, "external_id", event.order.external_id)
    known = store.get(Order, holder) if holder else None
    if known and known.completed_at:
        return
    if known and known.invoice_ids:
        store.commit(Recorded(known.completed(moment.at), OrderUpdated()))
        return
    tenant, customer = tenant_and_customer(store, _customer_id(store, event.order))
    data = new_order(store, event.order.of(customer.id), customer, tenant)
    if known:
        order = known.changed(data, customer=customer, tenant=tenant, moment=moment)
    else:
        order = Order.new(request.new_id("ord"), data, customer=customer, tenant=tenant, moment=moment)
    invoice = request.new_id("inv")
    draft = Invoice.draft(invoice, order.draft(), customer=customer, tenant=tenant, moment=moment, origin="event")
    billed = order.completed(moment.at).invoiced(invoice, moment=moment)
    # Two deliveries at the same time conflict in the external id or the version: the retry of one finds the draft.
    entered = OrderUpdated() if known else OrderCreated()
    store.commit(Recorded(draft, OrderedInvoiceCreated()), Recorded(billed, entered, OrderInvoiced(invoice_id=invoice)))


def _customer_id(store: Store, order: CompletedOrder) -> str:
    found = order.customer_id or store.holder(Customer, "external_id", order.customer_external_id or "")
    if found is None:
        raise CustomerNotFound(pointer="/order/customer_external_id")
    return found
