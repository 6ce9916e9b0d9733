"""DELETE /orders/{order_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import InvalidState, OrderNotFound
from invoicing.domain.events import OrderDeleted
from invoicing.domain.ids import OrderId


@endpoint(
    "DELETE",
    "/orders/{order_id}",
    scope="order:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[OrderNotFound, InvalidState],
)
def handler(order_id: OrderId, request: Request) -> None:
    """Delete an order that is not invoiced."""
    order = request.store.order_summary(order_id)
    order.require("delete")
    request.store.delete(order, OrderDeleted())
