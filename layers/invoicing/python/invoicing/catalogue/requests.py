"""Requests about products and prices."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.lines import Events
from invoicing.core.model import Amount, Code, CurrencyCode, Day, Quantity, Value
from invoicing.core.page import ListQuery
from invoicing.pricing.share import Share

MOST_EVENTS = 1_000


class ProductQuery(ListQuery):
    """Filters for products; an entry matches all that are given."""

    code: Code | None = None
    """Product with exactly this code."""
    family: Code | None = None
    """Products of this family."""
    archived: bool | None = None
    """`true` for archived products only, `false` for active products only."""


class ShareData(Value):
    """The part of a full period that is charged: `days` of `of`."""

    days: Annotated[int, Field(ge=1, le=3_700, examples=[16])]
    """Number of days that are charged."""
    of: Annotated[int, Field(ge=1, le=3_700, examples=[31])]
    """Number of days of the full period."""

    @model_validator(mode="after")
    def _is_a_part(self) -> Self:
        if self.days > self.of:
            raise PydanticCustomError("share", "days cannot exceed the days of the full period", {"field": "days"})
        return self

    @property
    def share(self) -> Share:
        """The share itself."""
        return Share(self.days, self.of)


class Calculate(Value):
    """A quantity, or an amount of money with events, to calculate at a price."""

    quantity: Annotated[Quantity, Field(ge=0, examples=["60"])] | None = None
    """Quantity, zero or more; for all models but `percentage`. A `flat` price is the same for each quantity."""
    amount: Annotated[Amount, Field(ge=0)] | None = None
    """Amount of money of all events, for `percentage` prices."""
    events: Annotated[int, Field(ge=0, le=1_000_000_000)] = 1
    """Number of the events that `amount` is the sum of."""
    event_amounts: Annotated[tuple[Annotated[Amount, Field(ge=0)], ...] | None, Field(max_length=MOST_EVENTS)] = None
    """Amount of each event in order, at most 1,000, in place of `amount` and `events`. Prices with free events need it.
    """
    currency: Annotated[CurrencyCode | None, Field(examples=["EUR"])] = None
    """Currency of the amounts; the tenant's by default."""
    on: Day | None = None
    """Day whose version of the price applies; today by default."""
    share: ShareData | None = None
    """Part of a period that is charged; the full period by default."""

    @model_validator(mode="after")
    def _states_one_basis(self) -> Self:
        given = [self.quantity is not None, self.amount is not None, self.event_amounts is not None]
        if sum(given) != 1:
            raise PydanticCustomError("basis", "Exactly one of quantity, amount and event_amounts is required")
        return self

    @property
    def basis(self) -> Decimal | Events:
        """The quantity, or the events."""
        if self.event_amounts is not None:
            return Events.of(*self.event_amounts)
        if self.amount is not None:
            return Events(self.amount, self.events)
        return self.quantity or Decimal(0)
