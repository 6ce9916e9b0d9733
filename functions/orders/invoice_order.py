"""POST /orders/{order_id}/invoices"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DocumentTooLarge
from invoicing.core.event import Recorded
from invoicing.core.ids import OrderId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.events import OrderedInvoiceCreated
from invoicing.invoices.model import Invoice
from invoicing.orders.errors import OrderAlreadyInvoiced, OrderNotFound
from invoicing.orders.events import OrderInvoiced
from invoicing.orders.model import Order
from invoicing.orders.requests import InvoiceOrder


@endpoint(
    "POST",
    "/orders/{order_id}/invoices",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[OrderNotFound, OrderAlreadyInvoiced, InvalidState, CustomerNotFound, DocumentTooLarge],
)
def handler(order_id: OrderId, body: InvoiceOrder, request: Request) -> Invoice:
    """Create a draft invoice from an order.

    An order is invoiced once, with all its lines. It can be invoiced again after the draft is deleted or the
    invoice is canceled.
    """
    order = request.store.get(Order, order_id)
    order.require("create_invoice")
    tenant, customer = tenant_and_customer(request.store, order.customer_id)
    draft = Invoice.draft(
        request.new_id("inv"),
        order.draft(body.note),
        customer=customer,
        tenant=tenant,
        moment=request.moment,
        origin="order",
    )
    billed = order.invoiced(draft.id, moment=request.moment)
    return request.store.commit(
        Recorded(draft, OrderedInvoiceCreated()), Recorded(billed, OrderInvoiced(invoice_id=draft.id))
    )
