"""Orders to create, and changes of an order when its invoice changes."""

from invoicing.catalogue.use import filled_in
from invoicing.core.event import Change, Recorded
from invoicing.customers.model import Customer
from invoicing.invoices.model import OF_ORDERS, InvoiceSummary
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.events import OrderFreed, OrderInvoiced
from invoicing.orders.model import NewOrder, OrderSummary, RequestedOrder, order_terms
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def new_order(store: Store, asked: RequestedOrder, customer: Customer, tenant: Tenant) -> NewOrder:
    """An order to create, with lines that name a price of the catalogue filled in."""
    lines = filled_in(store, tenant, asked.lines, order_terms(asked, customer, tenant))
    # Everything else was validated with the request.
    return NewOrder.model_construct(asked.model_fields_set, **{**vars(asked), "lines": lines})


def freed_order(store: Store, invoice: InvoiceSummary) -> list[Change]:
    """The order that can be invoiced again after this invoice no longer bills it, for the same commit.

    None if there is no order, or if it does not refer to the invoice. Without an order, nothing is read.
    """
    order = _billed_by(store, invoice)
    if order is None:
        return []
    freed = order.freed(invoice.id, moment=store.session.moment)
    return [Recorded(freed, OrderFreed(invoice_id=invoice.id))]


def reassigned_order(store: Store, invoice: InvoiceSummary, correction: InvoiceSummary) -> list[Change]:
    """The order after the correction bills it."""
    order = _billed_by(store, invoice)
    if order is None:
        return []
    moment = store.session.moment
    passed_on = order.freed(invoice.id, moment=moment).invoiced(correction.id, moment=moment)
    return [Recorded(passed_on, OrderInvoiced(invoice_id=correction.id))]


def reinvoiced_order(store: Store, invoice: InvoiceSummary) -> list[Change]:
    """The order that a reactivated invoice bills again. Refuses if another invoice bills it now."""
    if invoice.origin not in OF_ORDERS:
        return []
    order = _order_of(store, invoice)
    if order is None:
        return []
    billed = order.invoiced(invoice.id, moment=store.session.moment)
    return [Recorded(billed, OrderInvoiced(invoice_id=invoice.id))]


def _billed_by(store: Store, invoice: InvoiceSummary) -> OrderSummary | None:
    order = _order_of(store, invoice)
    return order if order is not None and invoice.id in order.invoice_ids else None


def _order_of(store: Store, invoice: InvoiceSummary) -> OrderSummary | None:
    if invoice.order_id is None:
        return None
    try:
        return store.get(OrderSummary, invoice.order_id)
    except OrderNotFound:
        return None
