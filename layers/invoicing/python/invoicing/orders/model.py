"""Orders: each is invoiced once, unless that invoice is canceled."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.price_line import ChangedOrPriceLine, DocumentTerms, NewOrPriceLine
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import CustomerId, InvoiceId, OrderId
from invoicing.core.model import (
    Amount,
    CurrencyCode,
    Instant,
    Metadata,
    Parted,
    PrintedText,
    ShortText,
    Value,
    values_of,
)
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.model import MAX_LINES, NewInvoice
from invoicing.invoices.errors import InvalidState
from invoicing.orders.errors import OrderAlreadyInvoiced
from invoicing.pricing.allowances import (
    Allowances,
    Discount,
    DocumentCharges,
    Shipping,
    require_no_repeated_shipping,
    require_no_repetition,
)
from invoicing.pricing.line import ChangedLine, Line, NewLine
from invoicing.pricing.prices import priced, with_sources
from invoicing.pricing.tax import TaxAmount
from invoicing.tenants.model import Tenant

OrderStatus = Literal["open", "invoiced", "canceled"]
"""One of `open`, `invoiced` or `canceled`."""
_ALLOWED: dict[OrderStatus, tuple[str, ...]] = {
    "open": ("update", "delete", "create_invoice"),
    "invoiced": (),
    "canceled": ("delete",),
}


class OrderContent(Value):
    """The fields of an order that lists do not show."""

    price_tax_inclusive: bool = False
    discount: Discount | None = None
    shipping: Shipping | None = None
    allowances: Allowances = ()
    """Allowances beside the discount (EN 16931 BG-20 of the invoice), at most 50."""
    charges: DocumentCharges = ()
    """Charges beside shipping (EN 16931 BG-21 of the invoice), at most 50."""
    note: PrintedText | None = None
    """Note on the order, for the tenant's own users."""
    metadata: Metadata = Field(default_factory=dict)


class OrderFacts(OrderContent):
    """The fields of an order without its customer and lines."""

    external_id: ShortText | None = None
    currency: Annotated[CurrencyCode | None, Field(examples=["EUR"])] = None
    """Currency of the order; the customer's by default, else the tenant's."""
    purchase_order_id: ShortText | None = None

    @model_validator(mode="after")
    def _states_nothing_twice(self) -> Self:
        require_no_repetition(self.discount, self.allowances)
        require_no_repeated_shipping(self.shipping, self.charges)
        return self


class OrderData(OrderFacts):
    """The fields of an order that can be created and changed, without its lines."""

    customer_id: CustomerId


def _some[T](lines: tuple[T, ...]) -> tuple[T, ...]:
    # `min_length` would count a line that has a mistake as missing.
    if not lines:
        raise PydanticCustomError("lines", "An order requires at least one line")
    return lines


RequestedLines = Annotated[tuple[NewOrPriceLine, ...], Field(max_length=MAX_LINES), AfterValidator(_some)]


class RequestedOrder(OrderData):
    """An order to create."""

    lines: RequestedLines
    """Lines of the order, 1 to 1,000. A line can name a price of the catalogue in place of a price of its own."""


class NewOrder(RequestedOrder):
    """An order to create, with all lines filled in."""

    lines: Annotated[tuple[NewLine, ...], Field(max_length=MAX_LINES), AfterValidator(_some)]


class RequestedOrderChange(OrderData):
    """The fields of an order after a change."""

    lines: Annotated[tuple[ChangedOrPriceLine, ...], Field(max_length=MAX_LINES), AfterValidator(_some)]
    """Lines of the order, 1 to 1,000. A line with an `id` replaces the line with this id; one without is added.

    A line can name a price of the catalogue in place of a price of its own.
    """


class ChangedOrder(RequestedOrderChange):
    """The fields of an order after a change, with all lines filled in."""

    lines: Annotated[tuple[ChangedLine, ...], Field(max_length=MAX_LINES), AfterValidator(_some)]


class OrderSummary(Parted):
    """An order without its lines."""

    id: OrderId
    """Unique identifier of the order: `ord_` followed by a ULID."""
    object: Literal["order"] = "order"
    status: OrderStatus = "open"
    """Status of the order."""
    external_id: ShortText | None = None
    customer_id: CustomerId
    currency: CurrencyCode
    """Currency of all amounts."""
    purchase_order_id: ShortText | None = None
    subtotal: Amount
    """Sum of the net amounts of the lines."""
    discount_amount: Amount
    """Net amount of the order's discount."""
    shipping_cost: Amount
    """Net amount of the shipping cost."""
    tax: Amount
    """Total tax."""
    total: Amount
    """Total including tax."""
    invoice_ids: tuple[InvoiceId, ...] = ()
    """Identifiers of the invoices that were created from the order."""
    created_by: Reference | None = None
    updated_by: Reference | None = None
    completed_at: Instant | None = None
    """When the order was completed; null if it was not."""
    canceled_at: Instant | None = None
    """When the order was canceled; null if it was not."""

    @classmethod
    @cache
    def head(cls) -> frozenset[str]:
        """The fields that lists show, and those that invoices change."""
        return frozenset(OrderSummary.model_fields)

    def require(self, action: str) -> None:
        """Refuse actions that the order's state does not allow. The error names the allowed ones."""
        allowed = _ALLOWED[self.status]
        if action in allowed:
            return
        if self.status == "invoiced" and action == "create_invoice":
            raise OrderAlreadyInvoiced(allowed_actions=allowed)
        raise InvalidState(f"The order is {self.status}; {action} is not allowed.", allowed_actions=allowed)

    def invoiced(self, invoice_id: str, moment: Moment) -> Self:
        """The order with the invoice that bills it."""
        self.require("create_invoice")
        return self._moved("invoiced", moment, invoice_ids=(invoice_id,))

    def freed(self, invoice_id: str, moment: Moment) -> Self:
        """The order after its invoice no longer bills it."""
        left = tuple(one for one in self.invoice_ids if one != invoice_id)
        status = "open" if self.status == "invoiced" and not left else self.status
        return self._moved(status, moment, invoice_ids=left)

    def canceled(self, moment: Moment) -> Self:
        """The canceled order."""
        return self._moved("canceled", moment, invoice_ids=(), canceled_at=moment.at)

    def completed(self, at: datetime) -> Self:
        """The order after its own system completed it. A completed order gets a draft once."""
        return self.model_copy(update={"completed_at": at})

    def _moved(self, status: str, moment: Moment, **fields: Any) -> Self:
        return self.model_copy(update={"status": status, **moment.updated, **fields})


class Order(OrderSummary, OrderContent):
    """An order of a customer."""

    lines: tuple[Line, ...]
    """Lines of the order."""
    tax_breakdown: tuple[TaxAmount, ...] = ()
    """Tax by category and rate."""

    @classmethod
    def new(cls, id_: str, data: NewOrder, *, customer: Customer, tenant: Tenant, moment: Moment) -> "Order":
        """A new order. Its currency defaults to that of the customer, then of the tenant."""
        return Order(
            **_filled(data, data.lines, customer=customer, tenant=tenant, at=moment.at),
            id=id_,
            **moment.created,
        )

    def changed(self, data: ChangedOrder | NewOrder, *, customer: Customer, tenant: Tenant, moment: Moment) -> Self:
        """The order after a change."""
        self.require("update")
        terms = order_terms(data, customer, tenant)
        lines = with_sources(data.lines, self.lines if terms.prices_as(self) else ())
        filled = _filled(data, lines, customer=customer, tenant=tenant, at=moment.at)
        return self.model_copy(update={**filled, **moment.updated})

    @property
    def data(self) -> ChangedOrder:
        """The fields that a client can change."""
        fields = values_of(self, OrderData.model_fields)
        lines = tuple(ChangedLine(**line.stated, id=line.id) for line in self.lines)
        return ChangedOrder(**fields, lines=lines)

    def draft(self, note: str | None = None) -> NewInvoice:
        """The invoice that bills all of the order."""
        return NewInvoice(
            customer_id=self.customer_id,
            currency=self.currency,
            order_id=self.id,
            purchase_order_id=self.purchase_order_id,
            price_tax_inclusive=self.price_tax_inclusive,
            discount=self.discount,
            shipping=self.shipping,
            allowances=self.allowances,
            charges=self.charges,
            note=note,
            lines=tuple(_as_ordered(line) for line in self.lines),
        )


def order_terms(data: OrderData, customer: Customer, tenant: Tenant) -> DocumentTerms:
    """Currency, language and price mode of an order. Its customer and the tenant have the first two by default."""
    currency = data.currency or customer.currency or tenant.currency
    return DocumentTerms(currency, customer.language or tenant.language, data.price_tax_inclusive)


def _as_ordered(line: Line) -> NewLine:
    return line.as_new().model_copy(update={"ordered_quantity": line.ordered_quantity or line.quantity})


def _filled(
    data: OrderData, lines: Iterable[NewLine], *, customer: Customer, tenant: Tenant, at: datetime
) -> dict[str, Any]:
    customer.require_known()
    currency = order_terms(data, customer, tenant).currency
    return {**dict(data), "currency": currency, **priced(data, lines, currency=currency, at=at)}
