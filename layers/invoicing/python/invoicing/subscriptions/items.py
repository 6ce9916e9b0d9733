"""The items of a subscription: a line with its quantity, and the periods in which it is billed."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.interval import Interval, Timing
from invoicing.core.ids import PriceId, ProductId, SubscriptionItemId
from invoicing.core.model import ENTERED, Day, Internal, Quantity, Value
from invoicing.pricing.line import NewLine
from invoicing.pricing.share import Share
from invoicing.pricing.tax import Tax
from invoicing.subscriptions.periods import Grid, Period

FirstPeriod = Literal["prorate", "full", "free"]
"""`prorate` bills the days of a first period that begins late by their share of a full period. `full` bills the price
of a full period for them, so that each day has the same part of it. `free` bills nothing."""
_DAY = timedelta(days=1)
PricePolicy = Literal["keep", "renewal", "next_period"]
"""`keep` keeps the version until a change names a price, `renewal` takes the one in force when a term renews, and
`next_period` the one in force when a period begins."""
PLACEHOLDERS: Final = ("period.start", "period.end", "period.month", "period.year", "quantity")
"""The facts of a billed period that texts can name. Only those of an item have a quantity."""
_OF_A_PERIOD = re.compile(r"\{(period\.[^{}]*)\}")
_OF_ONE_DELIVERY = ("net", "period", "serial_number", "ordered_quantity")


def with_known_placeholders(text: str | None, info: ValidationInfo) -> str | None:
    """A text of a request. Refuses the placeholder of a fact that no period has; stored texts print it as it is."""
    for name in _OF_A_PERIOD.findall(text or "") if info.context is ENTERED else ():
        if name not in PLACEHOLDERS:
            known = ", ".join(PLACEHOLDERS)
            raise PydanticCustomError("placeholder", "Unknown placeholder; known ones are {known}", {"known": known})
    return text


class RecurringLine(NewLine):
    """A line of an invoice that recurs."""

    _known = field_validator("name", "description")(with_known_placeholders)

    @model_validator(mode="after")
    def _recurs(self) -> Self:
        for name in _OF_ONE_DELIVERY:
            if getattr(self, name) is not None:
                raise PydanticCustomError("recurring", "{field} belongs to a single delivery", {"field": name})
        # An amount would be unclear for a part of a period and for another quantity.
        if self.allowances or self.charges or (self.discount and self.discount.amount is not None):
            raise PydanticCustomError("recurring", "A recurring line can only have a discount in percent")
        return self


class ItemFacts(Value):
    """The fields of an item beside its quantity."""

    line: RecurringLine | None = None
    """Line that the invoices have for the item; null for an item with a price of the catalogue. It has no period and no
    amounts beside its price, and its `quantity` is that of the item."""
    price_id: PriceId | None = None
    """Identifier of the price in the catalogue, `prc_` followed by a ULID; null for an item with a line."""
    price_policy: PricePolicy = "keep"
    """When the item takes another version of its price."""
    interval: Interval = Interval(unit="month")
    """Length of the periods; by default that of the price, and a month for a line or a one-off price."""
    timing: Timing = "advance"
    """Whether periods are billed at their start or after their end; by default as the price has it."""
    start_date: Day | None = None
    """First day that the item is billed for; by default the first billed day of the subscription."""
    end_date: Day | None = None
    """Last day that the item is billed for; null if it has no end."""
    first: FirstPeriod = "prorate"
    """How the first period is billed if the item begins after the first day of a full one."""
    once: bool = False
    """Whether the item is billed once, with its first period, at its full price. This fits a setup fee."""
    tax: Tax | None = None
    """Tax of an item with a price of the catalogue, in place of that of the price, the product or the tenant.

    This fits a customer abroad. Null for an item with a line, which has its own.
    """

    @property
    def track(self) -> str:
        """The track that the item belongs to: items of one interval and timing are billed together."""
        return f"{self.interval.code}-{self.timing}"


class NewItem(ItemFacts):
    """An item of a new subscription."""

    quantity: Annotated[Quantity, Field(gt=0, examples=["5"])] | None = None
    """Quantity in each full period, above zero; by default that of the line, 1 for a price."""

    @model_validator(mode="after")
    def _has_a_line_or_a_price(self) -> Self:
        if (self.line is None) == (self.price_id is None):
            raise PydanticCustomError("item", "Exactly one of line and price_id is required")
        if self.price_id is None and self.price_policy != "keep":
            raise PydanticCustomError("item", "price_policy requires price_id")
        if self.price_id is None and self.tax is not None:
            raise PydanticCustomError("item", "The tax of a line is part of it", {"field": "tax"})
        return self

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise PydanticCustomError("item", "The item ends before it starts", {"field": "end_date"})
        return self

    @model_validator(mode="after")
    def _one_quantity(self) -> Self:
        if self.line is None:
            return self
        if self.quantity is None and self.line.quantity <= 0:
            raise PydanticCustomError("quantity", "The quantity of an item must be above zero")
        if self.quantity not in (None, self.line.quantity) and "quantity" in self.line.model_fields_set:
            raise PydanticCustomError("quantity", "quantity and the quantity of the line differ; state one")
        return self

    def item(self, id_: str, **of_price: Any) -> "Item":
        """The item with its id, and with one quantity. `of_price` are the fields that follow from its price."""
        stated = Decimal(1) if self.line is None else self.line.quantity
        quantity = stated if self.quantity is None else self.quantity
        line = self.line and self.line.model_copy(update={"quantity": quantity})
        return Item(**{**dict(self), **of_price, "id": id_, "quantity": quantity, "line": line})


class AgreedPrice(Value):
    """The price of the catalogue that an item has."""

    id: PriceId
    """Identifier of the price, `prc_` followed by a ULID."""
    product_id: ProductId | None = None
    """Identifier of its product, `prd_` followed by a ULID."""
    version: int = 1
    """Number of the version that was agreed, or that billed the item last."""
    since: Day | None = None
    """First day of the price, if a change agreed it; null from the first day of the item on."""


class EarlierTerms(Value):
    """The price and quantity of an item before a change."""

    until: Day
    """Last day before the change."""
    line: RecurringLine | None = None
    """Line of the item until then; null for an item with a price of the catalogue."""
    price: AgreedPrice | None = None
    """Price of the catalogue until then; null for an item with a line."""
    quantity: Quantity
    """Quantity in each full period until then."""


class Terms(NamedTuple):
    """The price and quantity of an item in a range of days, both included. It has a line or a price."""

    line: NewLine | None
    quantity: Decimal
    start: date
    end: date
    price: AgreedPrice | None = None

    @property
    def stated_line(self) -> NewLine:
        """The line of an item without a price of the catalogue."""
        if self.line is None:
            raise AssertionError("an item with a price of the catalogue has no line of its own")
        return self.line


class Item(ItemFacts):
    """An item of a subscription."""

    id: SubscriptionItemId
    """Unique identifier of the item: `sit_` followed by a ULID."""
    quantity: Quantity
    """Quantity in each full period."""
    earlier: Annotated[tuple[EarlierTerms, ...], Internal] = ()
    """Prices and quantities before changes, oldest first."""
    product_id: ProductId | None = None
    """Identifier of the product of the price, `prd_` followed by a ULID; null for an item with a line."""
    price_version: int | None = None
    """Number of the version of the price that bills the item; null for an item with a line."""
    price_since: Annotated[Day | None, Internal] = None
    """First day with its price, if a change agreed it; null from the first day of the item on."""

    @property
    def price(self) -> AgreedPrice | None:
        """The price of the catalogue that it has; None for an item with a line."""
        if self.price_id is None:
            return None
        version, since = self.price_version or 1, self.price_since
        return AgreedPrice(id=self.price_id, product_id=self.product_id, version=version, since=since)

    def has_terms_of(self, day: date) -> bool:
        """Whether its price and quantity of a day are the current ones."""
        return not self.earlier or self.earlier[-1].until < day

    def first_day(self, first: date) -> date:
        """The first day that it is billed for, in a subscription that is billed from `first` on."""
        return max(first, self.start_date or first)

    def last_day(self, grid: Grid, first: date) -> date | None:
        """The last day that it is billed for; None without end. An item that is billed once ends with its period."""
        if not self.once:
            return self.end_date
        end = grid.period(self.first_day(first)).end
        return min(end, self.end_date or end)

    def runs_on(self, day: date, first: date) -> bool:
        """Whether a day is between its first and its last day."""
        return self.first_day(first) <= day <= (self.end_date or day)

    def runs_within(self, start: date, end: date, first: date) -> bool:
        """Whether one of the days from a day to another is between its first and its last day."""
        return max(start, self.first_day(first)) <= min(end, self.end_date or end)

    def changed(
        self, on: date, first: date, *, quantity: Decimal | None, line: RecurringLine | None, price: AgreedPrice | None
    ) -> "Item":
        """The item with another price or quantity from a day on. Terms that applied on no day are not kept."""
        begins = self.earlier[-1].until + _DAY if self.earlier else self.first_day(first)
        before = EarlierTerms(until=on - _DAY, line=self.line, price=self.price, quantity=self.quantity)
        quantity, line = quantity or self.quantity, line or self.line
        facts: dict[str, Any] = {
            "quantity": quantity,
            "line": line and line.model_copy(update={"quantity": quantity}),
            "earlier": (*self.earlier, before) if begins < on else self.earlier,
        }
        if price is not None:
            of_price = {"price_id": price.id, "product_id": price.product_id}
            facts |= {**of_price, "price_version": price.version, "price_since": price.since}
        return self.model_copy(update=facts)

    def terms_in(self, start: date, end: date) -> Iterator[Terms]:
        """Its prices and quantities in a range of days, in their order."""
        for one in self.earlier:
            if start <= end and one.until >= start:
                yield Terms(one.line, one.quantity, start, min(one.until, end), one.price)
                start = one.until + _DAY
        if start <= end:
            yield Terms(self.line, self.quantity, start, end, self.price)

    def share_of(self, period: Period, first: date) -> Share | None:
        """The share of a period that is billed; None if nothing of it is."""
        start = self.first_day(first)
        days = period.days_of(start, self.end_date)
        if not days:
            return None
        if self.once:
            return Share(period.of, period.of) if period.start <= start else None
        if self.first == "free" and self._days_before(period, first):
            return None
        return Share(days, self.days_of_price(period, first))

    def days_of_price(self, period: Period, first: date) -> int:
        """The number of days that share the price of a full period.

        A full first price is shared by the days from the first one of the item on, also if the period ends earlier.
        """
        return period.of - (self._days_before(period, first) if self.first == "full" else 0)

    def _days_before(self, period: Period, first: date) -> int:
        """The number of days of the full period before the first one of the item."""
        return max(0, (self.first_day(first) - (period.full_start or period.start)).days)

    def days_in(self, period: Period, first: date) -> tuple[date, date]:
        """The first and the last day that it is billed for in a period."""
        return max(period.start, self.first_day(first)), min(period.end, self.end_date or period.end)
