"""Billed quantities in layers, and the amounts that are taken back when terms change before a period ends.

A layer is a line of an issued document: a quantity at a price, from a day on. Less of it goes on after a change, never
more: more is a layer of its own. The amount of a layer follows from its days and quantities alone, so that a client can
check it with a calendar, and the documents add up to the layers after any sequence of changes, to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Self

from invoicing.pricing.line import LineContent
from invoicing.pricing.share import Share
from invoicing.pricing.totals import line_amount
from invoicing.subscriptions.periods import Period, days_between
from invoicing.subscriptions.shares import line_of_share

type Price = LineContent
"""A price as a line states it. Lines have the same price if a quantity of one has the same amount."""


class PriceSource(NamedTuple):
    """The part of a price of the catalogue that a line bills, such as the units of its second tier."""

    price_id: str
    part: str


class Wanted(NamedTuple):
    """A quantity at a price from a change on."""

    price: Price
    quantity: Decimal
    source: PriceSource | None = None


class Part(NamedTuple):
    """The quantity of a layer from a day on."""

    quantity: Decimal
    start: date


class Layer(NamedTuple):
    """A line of an issued document, and how its quantity decreased since. Amounts are in minor units."""

    price: Price
    parts: tuple[Part, ...]
    """Its quantities in the order of their days. The last one runs to the end of the period."""
    period: Period
    billed: int
    """The amount of its line, with or without tax as the prices are."""
    taken_back: int = 0
    """The amount that earlier changes took back."""
    source: PriceSource | None = None
    """The part of a price that its line bills; None for an item with a line."""

    @classmethod
    def begun(cls, wanted: Wanted, start: date, period: Period, currency: str) -> Self:
        """The layer of a new line, from a day to the end of the period."""
        layer = cls(wanted.price, (Part(wanted.quantity, start),), period, billed=0, source=wanted.source)
        return layer._replace(billed=layer.worth(currency))

    def quantity_on(self, day: date) -> Decimal:
        """The quantity on a day, or on its first one if that is later. A change of a later day may end it already."""
        return next((part.quantity for part in reversed(self.parts) if part.start <= day), self.parts[0].quantity)

    @property
    def owed(self) -> int:
        """The amount that its document still charges for it."""
        return self.billed - self.taken_back

    def worth(self, currency: str) -> int:
        """The sum of the amounts of its parts, each rounded as a line of its own."""
        ends = [*(two.start - timedelta(days=1) for _, two in pairwise(self.parts)), self.period.end]
        return sum(
            _amount(self.price, part.quantity, Share(days_between(part.start, end), self.period.of), currency)
            for part, end in zip(self.parts, ends, strict=True)
        )

    def cut(self, quantity: Decimal, on: date, left: int, currency: str) -> "Cut":
        """The layer with a smaller quantity from a day on, and the amount that is taken back.

        That is at least zero and at most `left`, the amount of its line that is not credited yet: a credit note that a
        user created by hand reduces it.
        """
        kept = tuple(part for part in self.parts if part.start < on)
        after = self._replace(parts=(*kept, Part(quantity, max(on, self.parts[0].start))))
        amount = max(0, min(self.owed - after.worth(currency), left))
        return Cut(after._replace(taken_back=self.taken_back + amount), amount)


class Cut(NamedTuple):
    """A layer after a change, and the amount that the change takes back."""

    layer: Layer
    amount: int


class Changed(NamedTuple):
    """The layers of an item after a change."""

    cuts: tuple[Cut, ...]
    """The layers from before the change, in their order; those that it does not reach have the amount 0."""
    added: tuple[Layer, ...]
    """The layers that the change bills, each with a line of its own."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, in the order in which they were billed."""
        return (*(one.layer for one in self.cuts), *self.added)


def changed(
    layers: Sequence[Layer],
    wanted: Iterable[Wanted],
    on: date,
    period: Period,
    *,
    left: Mapping[int, int],
    currency: str,
) -> Changed:
    """The layers of an item after its terms changed at the start of a day.

    A price that is no longer wanted ends all its layers on the day before. More of the same price adds a layer; less
    decreases the newest layers first. `left` is the uncredited amount of each layer's line, by the layer's place.
    """
    missing = {_key(one.price, one.source): one for one in wanted}
    cuts = [Cut(one, 0) for one in layers]
    # The oldest layers keep their quantity, so the newest are decreased first.
    for place, layer in enumerate(layers):
        key = _key(layer.price, layer.source)
        more = missing.get(key, Wanted(layer.price, Decimal(0), layer.source))
        billed = layer.quantity_on(on)
        kept = min(billed, more.quantity)
        missing[key] = more._replace(quantity=more.quantity - kept)
        if kept < billed:
            cuts[place] = layer.cut(kept, on, left[place], currency)
    added = [Layer.begun(one, on, period, currency) for one in missing.values() if one.quantity > 0]
    return Changed(tuple(cuts), tuple(added))


def _amount(price: Price, quantity: Decimal, share: Share, currency: str) -> int:
    """The amount of a line for a quantity and a share; none for nothing."""
    if not quantity or share.days <= 0:
        return 0
    return line_amount(line_of_share(price, quantity, share, None, lambda name, *_: name), currency)


def price_of_one(price: Price) -> Fraction:
    """The price of a quantity of one in a full period."""
    return Fraction(price.unit_price) / Fraction(price.price_base_quantity)


def _key(price: Price, source: PriceSource | None) -> tuple[object, ...]:
    """The facts that the amount and the tax of a line follow from, apart from its quantity.

    A tax that changes later bills nothing of a price of the catalogue again.
    """
    tax = price.tax.key if source is None else source
    return price_of_one(price), price.discount, price.allowances, price.charges, tax
