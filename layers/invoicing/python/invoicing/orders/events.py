"""Events about orders."""

from invoicing.core.event import Event
from invoicing.orders.model import OrderSummary


class OrderCreated(Event):
    """An order was created."""

    subject = OrderSummary
    name = "order.created"
    action_key = "CREATE"


class OrderUpdated(Event):
    """An order was updated."""

    subject = OrderSummary
    name = "order.updated"
    action_key = "EDIT"


class OrderDeleted(Event):
    """An order was deleted."""

    subject = OrderSummary
    name = "order.deleted"
    action_key = "EDIT"


class OrderInvoiced(Event):
    """A draft invoice was created for an order."""

    subject = OrderSummary
    name = "order.invoiced"
    action_key = "STATUS"

    invoice_id: str


class OrderFreed(Event):
    """The invoice of an order was canceled or its draft deleted; the order can be invoiced again."""

    subject = OrderSummary
    name = "order.freed"
    action_key = "STATUS"

    invoice_id: str


class OrderCanceled(Event):
    """An order was canceled."""

    subject = OrderSummary
    name = "order.canceled"
    action_key = "CANCEL"
