"""POST /orders"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DocumentTooLarge, DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.orders.events import OrderCreated
from invoicing.orders.model import NewOrder, Order
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal


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
    tenant, customer = tenant_and_customer(request.store, body.customer_id)
    order = Order.new(request.new_id("ord"), body, customer=customer, tenant=tenant, moment=request.moment)
    return request.store.commit(Recorded(order, OrderCreated()))
