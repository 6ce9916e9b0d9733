"""PATCH /orders/{order_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.errors import (
    CustomerNotFound,
    DiscountExceedsAmount,
    DocumentTooLarge,
    DuplicateExternalId,
    InvalidState,
    NegativeTotal,
    OrderNotFound,
)
from invoicing.domain.events import OrderUpdated
from invoicing.domain.ids import OrderId
from invoicing.domain.order import ChangedOrder, Order


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
    order = request.store.order(order_id)
    order.require("update")
    data = body.applied_to(order.data)
    tenant, customer = request.store.tenant_and_customer(data.customer_id)
    changed = order.changed(data, customer=customer, tenant=tenant, by=request.caller, at=request.now)
    return request.store.commit(changed, OrderUpdated())
