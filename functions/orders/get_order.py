"""GET /orders/{order_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import OrderNotFound
from invoicing.domain.ids import OrderId
from invoicing.domain.order import Order


@endpoint("GET", "/orders/{order_id}", scope="order:read", grants=[Grant.READ], raises=[OrderNotFound])
def handler(order_id: OrderId, request: Request) -> Order:
    """Retrieve an order with its lines.

    `invoice_ids` names the invoice that bills it.
    """
    return request.store.order(order_id)
