"""DELETE /orders/{order_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import OrderId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.events import OrderDeleted
from invoicing.orders.model import OrderSummary


@endpoint(
    "DELETE",
    "/orders/{order_id}",
    scope="order:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[OrderNotFound, InvalidState],
)
def handler(order_id: OrderId, request: Request) -> None:
    """Delete an order that is not invoiced."""
    order = request.store.get(OrderSummary, order_id)
    order.require("delete")
    request.store.delete(Recorded(order, OrderDeleted()))
