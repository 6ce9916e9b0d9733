"""PATCH /orders/{order_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DocumentTooLarge, DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.core.ids import OrderId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.events import OrderUpdated
from invoicing.orders.model import ChangedOrder, Order
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal


@endpoint(
    "PATCH",
    "/orders/{order_id}",
    scope="order:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        OrderNotFound,
        InvalidState,
        CustomerNotFound,
        DuplicateExternalId,
        NegativeTotal,
        DiscountExceedsAmount,
        DocumentTooLarge,
    ],
)
def handler(order_id: OrderId, body: Patch[ChangedOrder], request: Request) -> Order:
    """Update an order that is not invoiced.

    `lines` replaces the whole list; lines with an `id` keep it.
    """
    order = request.store.get(Order, order_id)
    order.require("update")
    data = body.applied_to(order.data)
    tenant, customer = tenant_and_customer(request.store, data.customer_id)
    changed = order.changed(data, customer=customer, tenant=tenant, moment=request.moment)
    return request.store.commit(Recorded(changed, OrderUpdated()))
