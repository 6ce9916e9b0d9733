"""Events about orders."""

from invoicing.core.event import Event


class OrderCreated(Event):
    """An order was created."""

    name = "order.created"
    action_key = "CREATE"


class OrderUpdated(Event):
    """An order was updated."""

    name = "order.updated"
    action_key = "EDIT"


class OrderDeleted(Event):
    """An order was deleted."""

    name = "order.deleted"
    action_key = "EDIT"


class OrderInvoiced(Event):
    """A draft invoice was created for an order."""

    name = "order.invoiced"
    action_key = "STATUS"

    invoice_id: str


class OrderFreed(Event):
    """The invoice of an order was canceled or its draft deleted; the order can be invoiced again."""

    name = "order.freed"
    action_key = "STATUS"

    invoice_id: str


class OrderCanceled(Event):
    """An order was canceled."""

    name = "order.canceled"
    action_key = "CANCEL"
