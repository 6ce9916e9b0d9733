"""GET /orders/{order_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import OrderId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.model import Order


@endpoint("GET", "/orders/{order_id}", scope="order:read", grants=[Grant.READ], raises=[OrderNotFound])
def handler(order_id: OrderId, request: Request) -> Order:
    """Retrieve an order with its lines.

    `invoice_ids` names the invoice that bills it.
    """
    return request.store.get(Order, order_id)
