"""POST /orders/{order_id}/invoices"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import OrderId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import DocumentTooLarge, InvalidState
from invoicing.invoices.events import OrderedInvoiceCreated
from invoicing.invoices.model import Invoice
from invoicing.orders.errors import OrderAlreadyInvoiced, OrderNotFound
from invoicing.orders.events import OrderInvoiced
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
    order = request.store.order(order_id)
    order.require("create_invoice")
    tenant, customer = request.store.tenant_and_customer(order.customer_id)
    draft = Invoice.draft(
        request.new_id("inv"),
        order.draft(body.note),
        customer=customer,
        tenant=tenant,
        by=request.caller,
        at=request.now,
        origin="order",
    )
    billed = order.invoiced(draft.id, by=request.caller, at=request.now)
    return request.store.commit(draft, OrderedInvoiceCreated(), billed, OrderInvoiced(invoice_id=draft.id))
