"""What clients say about orders."""

from invoicing.core.ids import CustomerId
from invoicing.core.model import CurrencyCode, Instant, PrintedText, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.orders.model import OrderStatus


class InvoiceOrder(Value):
    """What the invoice is to say beside what the order does (E20)."""

    note: PrintedText | None = None


class OrderQuery(ListQuery):
    """Which orders to list; all that is given must be true of an entry."""

    status: OrderStatus | None = None
    customer_id: CustomerId | None = None
    external_id: ShortText | None = None
    purchase_order_id: ShortText | None = None
    currency: CurrencyCode | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None
