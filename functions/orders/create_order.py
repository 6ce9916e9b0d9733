"""POST /orders"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_PRICES, OF_ITS_TOTAL
from invoicing.orders.events import OrderCreated
from invoicing.orders.model import Order, RequestedOrder
from invoicing.orders.workflow import new_order


@endpoint(
    "POST",
    "/orders",
    scope="order:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_TOTAL, *OF_ITS_PRICES, DuplicateExternalId],
)
def handler(body: RequestedOrder, request: Request) -> Order:
    """Create an order.

    Totals are calculated as on an invoice. Lines that name a price of the catalogue are filled in at once.
    """
    tenant, customer = tenant_and_customer(request.store, body.customer_id)
    data = new_order(request.store, body, customer, tenant)
    order = Order.new(request.new_id("ord"), data, customer=customer, tenant=tenant, moment=request.moment)
    return request.store.commit(Recorded(order, OrderCreated()))
