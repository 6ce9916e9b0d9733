"""Requests about orders."""

from invoicing.core.ids import CustomerId
from invoicing.core.model import CurrencyCode, Instant, PrintedText, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.orders.model import OrderStatus


class InvoiceOrder(Value):
    """Options for invoicing an order."""

    note: PrintedText | None = None
    """Text below the lines of the invoice."""


class OrderQuery(ListQuery):
    """Filters for orders; an entry matches all that are given."""

    status: OrderStatus | None = None
    """Orders with this status."""
    customer_id: CustomerId | None = None
    external_id: ShortText | None = None
    purchase_order_id: ShortText | None = None
    currency: CurrencyCode | None = None
    """Orders in this currency."""
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None
