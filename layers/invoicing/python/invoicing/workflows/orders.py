"""What happens to an order when something happens to its invoice."""

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.errors import OrderNotFound
from invoicing.domain.event import Event
from invoicing.domain.events import OrderFreed
from invoicing.domain.invoice import InvoiceSummary
from invoicing.domain.model import Aggregate


def freeing(store: Store, invoice: InvoiceSummary) -> tuple[Aggregate | Event, ...]:
    """The order that can be invoiced again once this invoice bills it no more, to be committed with what ends that.

    Nothing where there is no order, or it does not know of the invoice; without an order it costs no read.
    """
    if invoice.order_id is None:
        return ()
    try:
        order = store.order_summary(invoice.order_id)
    except OrderNotFound:
        return ()
    if invoice.id not in order.invoice_ids:
        return ()
    caller, now = store.session.caller, store.session.now
    return order.freed(invoice.id, by=caller, at=now), OrderFreed(invoice_id=invoice.id)
