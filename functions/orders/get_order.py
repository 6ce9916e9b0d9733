"""GET /orders/{order_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import OrderNotFound
from invoicing.domain.ids import OrderId
from invoicing.domain.order import Order


@endpoint("GET", "/orders/{order_id}", scope="order:read", grants=[Grant.READ], raises=[OrderNotFound])
def handler(order_id: OrderId, request: Request) -> Order:
    """Show an order with its lines, and the invoice that bills it."""
    return request.store.order(order_id)
