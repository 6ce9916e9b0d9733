"""POST /orders"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import (
    CustomerNotFound,
    DiscountExceedsAmount,
    DocumentTooLarge,
    DuplicateExternalId,
    NegativeTotal,
)
from invoicing.domain.events import OrderCreated
from invoicing.domain.order import NewOrder, Order


@endpoint(
    "POST",
    "/orders",
    scope="order:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, DuplicateExternalId, NegativeTotal, DiscountExceedsAmount, DocumentTooLarge],
)
def handler(body: NewOrder, request: Request) -> Order:
    """Create an order.

    Totals are calculated as on an invoice.
    """
    tenant, customer = request.store.tenant_and_customer(body.customer_id)
    order = Order.new(request.new_id("ord"), body, customer=customer, tenant=tenant, by=request.caller, at=request.now)
    return request.store.commit(order, OrderCreated())
