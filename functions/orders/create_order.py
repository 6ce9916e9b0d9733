"""POST /orders"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DocumentTooLarge, DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_PRICES
from invoicing.orders.events import OrderCreated
from invoicing.orders.model import Order, RequestedOrder
from invoicing.orders.workflow import new_order
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal


@endpoint(
    "POST",
    "/orders",
    scope="order:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        CustomerNotFound,
        DuplicateExternalId,
        NegativeTotal,
        DiscountExceedsAmount,
        DocumentTooLarge,
        *OF_ITS_PRICES,
    ],
)
def handler(body: RequestedOrder, request: Request) -> Order:
    """Create an order.

    Totals are calculated as on an invoice. Lines that name a price of the catalogue are filled in at once.
    """
    tenant, customer = tenant_and_customer(request.store, body.customer_id)
    data = new_order(request.store, body, customer, tenant)
    order = Order.new(request.new_id("ord"), data, customer=customer, tenant=tenant, moment=request.moment)
    return request.store.commit(Recorded(order, OrderCreated()))
