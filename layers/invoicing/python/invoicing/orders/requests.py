"""What clients say about orders."""

from invoicing.core.ids import CustomerId
from invoicing.core.model import CurrencyCode, Instant, PrintedText, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.orders.model import OrderStatus
from invoicing.store import keys
from invoicing.store.listing import Filter, Stretch, between, same


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

    def stretch(self, tenant: str, holder: str | None) -> Stretch:
        """Where to look; `holder` is the one order that has the external id asked for."""
        everything = keys.of_tenant(tenant, "ORD")
        place = keys.of_customer(tenant, self.customer_id, "ORD") if self.customer_id else everything
        return Stretch(place, holder, holder)

    def conditions(self) -> list[Filter]:
        """What the entries must be, beside what the place has answered already."""
        found: list[Filter] = [
            *same(status=self.status, purchase_order_id=self.purchase_order_id, currency=self.currency)
        ]
        found += between("created_at", self.created_from, self.created_to)
        return found + between("updated_at", self.updated_since, None)
