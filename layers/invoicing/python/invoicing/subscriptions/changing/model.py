"""Changes of a subscription: other quantities and prices of items, and items that are added or removed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.identity import Reference
from invoicing.core.ids import ChangeId, InvoiceId, PeriodId, PriceId, ProductId, SubscriptionItemId
from invoicing.core.model import Amount, Day, Instant, Internal, Quantity, Value
from invoicing.subscriptions.items import AgreedPrice, Item, NewItem, PricePolicy, RecurringLine

ChangeDate = Literal["family", "now", "period_end", "date"]
"""`family` follows the rule of the product family for an upgrade or downgrade, and changes today without one. `now`
changes today, `period_end` when the current period of all tracks has ended, `date` on the date in `on`."""
AnchorChange = Literal["keep", "restart"]
"""`keep` leaves the periods as they are, `restart` begins new full periods on the day of the change."""
ChangeStatus = Literal["scheduled", "in_force"]
"""`scheduled` until its day comes or its day is billed, then `in_force`."""
BillCharges = Literal["now", "next_invoice"]
"""`now` bills the charges of a change on an invoice of their own, `next_invoice` with the next invoice."""
Operation = Literal["add", "set", "remove"]
"""`add` adds an item, `set` changes the price or quantity of one, `remove` ends one."""
MOST_OPERATIONS = 20


class ItemChange(Value):
    """A change of one item."""

    op: Operation
    """How the item changes."""
    item_id: SubscriptionItemId | None = None
    """Identifier of the item to change or remove."""
    item: NewItem | None = None
    """Item to add, with a line or a price of the catalogue. It begins on the day of the change."""
    quantity: Annotated[Quantity, Field(gt=0, examples=["8"])] | None = None
    """New quantity in each full period, for `set`; by default the quantity stays."""
    line: RecurringLine | None = None
    """New line, for `set`: its price, tax and texts replace those of the item. By default the line stays."""
    price_id: PriceId | None = None
    """Identifier of the new price, `prc_` followed by a ULID, for `set` of an item with a price of the catalogue.

    The item takes its version in force on the day of the change, also of the price that it has. It has the interval and
    timing of the item. By default price and version stay.
    """

    @model_validator(mode="after")
    def _fits_its_operation(self) -> Self:
        if (self.op == "add") != (self.item is not None) or (self.op == "add") == (self.item_id is not None):
            raise PydanticCustomError("change", "add requires item; set and remove require item_id")
        stated = self.quantity, self.line, self.price_id
        if (self.op == "set") != any(one is not None for one in stated):
            message = "set requires quantity, line or price_id; add and remove allow none of them"
            raise PydanticCustomError("change", message)
        if self.line is not None and self.price_id is not None:
            raise PydanticCustomError("change", "line and price_id exclude each other")
        of_line = self.line.quantity if self.line and "quantity" in self.line.model_fields_set else None
        if of_line is not None and (of_line <= 0 or self.quantity not in (None, of_line)):
            raise PydanticCustomError("quantity", "The quantity of an item is above zero, and stated once")
        if self.item and (self.item.start_date or (self.item.once and self.item.end_date)):
            field = "item/start_date" if self.item.start_date else "item/end_date"
            raise PydanticCustomError("change", "An added item begins on the day of the change", {"field": field})
        return self

    @property
    def named_price(self) -> tuple[str, str] | None:
        """The id of the price that it names, and its field."""
        if self.item is not None:
            return (self.item.price_id, "item/price_id") if self.item.price_id else None
        return (self.price_id, "price_id") if self.price_id else None

    @property
    def stated_quantity(self) -> Decimal | None:
        """The new quantity: its own, or that of the line if the line states one."""
        if self.quantity is None and self.line is not None and "quantity" in self.line.model_fields_set:
            return self.line.quantity
        return self.quantity


class NewChange(Value):
    """A change of a subscription to make."""

    items: Annotated[tuple[ItemChange, ...], Field(min_length=1, max_length=MOST_OPERATIONS)]
    """Items to add, change or remove, 1 to 20."""
    at: ChangeDate = "family"
    """When the change applies: from the start of this day."""
    on: Day | None = None
    """First day with the new terms, for `date`."""
    anchor: AnchorChange | None = None
    """Whether the periods stay or begin on the day of the change; by default `keep`, or the rule of the family."""
    bill: BillCharges = "now"
    """When the charges for days that are billed already are billed. Credits are issued at once.

    With `now`, credit for days that were paid pays the invoice of the change. The rest stays `refund_due` on the
    credited invoice: refund it, or pay a later invoice with it (method `credit`). With `next_invoice`, such credit pays
    the next invoice of the subscription that is issued.
    """
    dry_run: bool = False
    """Whether to answer with the change and its amounts only, and to change nothing."""

    @model_validator(mode="after")
    def _has_its_date(self) -> Self:
        if (self.at == "date") != (self.on is not None):
            raise PydanticCustomError(
                "change", "on is required if at is date, and not allowed otherwise", {"field": "on"}
            )
        named = [one.item_id for one in self.items]
        for place, item_id in enumerate(named):
            if item_id in named[:place] and item_id is not None:
                field = {"field": f"items/{place}/item_id"}
                raise PydanticCustomError("change", "Each item can occur only once in a change", field)
        return self


class ChangedItem(Value):
    """The change of one item, as it is applied."""

    op: Operation
    """How the item changes."""
    item_id: SubscriptionItemId
    """Identifier of the item."""
    item: Item | None = None
    """Item that is added; null for others."""
    quantity: Quantity | None = None
    """New quantity in each full period; null if it stays."""
    line: RecurringLine | None = None
    """New line; null if it stays."""
    price_id: PriceId | None = None
    """Identifier of the new price, `prc_` followed by a ULID; null if it stays."""
    product_id: ProductId | None = None
    """Identifier of the product of the new price, `prd_` followed by a ULID; null if the price stays."""
    price_version: int | None = None
    """Number of the version of the new price; null if the price stays."""

    def price_on(self, day: date) -> AgreedPrice | None:
        """The new price of a change on a day; None if it stays."""
        if self.price_id is None:
            return None
        version = self.price_version or 1
        return AgreedPrice(id=self.price_id, product_id=self.product_id, version=version, since=day)


class SubscriptionChange(Value):
    """A change of a subscription, scheduled or in force."""

    id: ChangeId
    """Unique identifier of the change: `chg_` followed by a ULID."""
    status: ChangeStatus
    """Whether the change applies already."""
    on: Day
    """First day with the new terms."""
    anchor: AnchorChange = "keep"
    """Whether the periods stay or begin on the day of the change."""
    bill: BillCharges = "now"
    """When its charges for days that are billed already are billed."""
    items: tuple[ChangedItem, ...]
    """Items that are added, changed or removed."""
    invoice_id: InvoiceId | None = None
    """Identifier of the invoice that bills the change; null if it bills nothing, or with the next invoice."""
    credit_note_ids: tuple[InvoiceId, ...] = ()
    """Identifiers of the credit notes over the days that are not served."""
    created_at: Instant
    """When the change was requested."""
    created_by: Annotated[Reference | None, Internal] = None


class WaitingCharge(Value):
    """A charge of a change that waits for the next invoice of the subscription.

    Its amount is the difference between the terms of the item and the lines that bill them, as of that invoice.
    """

    period: PeriodId
    """Identifier of the period to which the invoice adds lines."""
    item_id: SubscriptionItemId
    """Identifier of the item, `sit_` followed by a ULID."""
    alone: bool = False
    """Whether it is billed although the period has no invoice of its own."""
    released: bool = False
    """Whether the invoice of the period was deleted or canceled. The charge is then billed together with the period."""

    def after(self, rows: Mapping[str, bool]) -> Self:
        """The charge after periods lost their invoice, or have one again; by the identifier of the period."""
        is_billed = self.alone or rows.get(self.period, not self.released)
        return self.model_copy(update={"released": not is_billed})


class ChangeAmounts(Value):
    """Amounts of documents."""

    net: Amount
    """Amount without tax."""
    tax: Amount
    """Tax."""
    total: Amount
    """Amount including tax."""


class ChangeResult(SubscriptionChange):
    """A change with the amounts that it credits and charges."""

    object: Literal["subscription_change"] = "subscription_change"
    """Name of the object's type."""
    credit: ChangeAmounts
    """Amounts of the credit notes over the days that are not served."""
    charge: ChangeAmounts
    """Amounts of the invoice for the new terms, and of changes to drafts. With `next_invoice`, the amounts of the lines
    that this invoice will have if nothing changes before."""
    difference: ChangeAmounts
    """Charge minus credit: negative if the change credits more than it charges."""


def agreed_prices(
    items: Iterable[Item], changes: Iterable[SubscriptionChange]
) -> Iterator[tuple[AgreedPrice, PricePolicy]]:
    """The prices of items, also those before changes and those of scheduled ones, each with the policy."""
    policies: dict[str, PricePolicy] = {}
    for item in items:
        policies[item.id] = item.price_policy
        found = (*(one.price for one in item.earlier), item.price)
        yield from ((price, item.price_policy) for price in found if price)
    for change in changes:
        for one in change.items if change.status == "scheduled" else ():
            policies |= {one.item_id: one.item.price_policy} if one.item else {}
            price = one.item.price if one.item else one.price_on(change.on)
            yield from [(price, policies.get(one.item_id, "keep"))] if price else []
