"""POST /orders/{order_id}/invoices"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.orders import InvoiceOrder
from invoicing.domain.errors import (
    CustomerNotFound,
    DocumentTooLarge,
    InvalidState,
    OrderAlreadyInvoiced,
    OrderNotFound,
)
from invoicing.domain.events import OrderedInvoiceCreated, OrderInvoiced
from invoicing.domain.ids import OrderId
from invoicing.domain.invoice import Invoice


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
