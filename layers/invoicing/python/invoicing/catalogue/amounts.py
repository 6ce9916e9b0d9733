"""Prices of a version: amounts by currency in six models."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.currency import EXPONENTS, to_minor
from invoicing.core.errors import Invalid, Violation
from invoicing.core.model import Amount, CurrencyCode, Percent, Quantity, UnitPrice, Value

PriceModel = Literal["flat", "unit", "package", "percentage", "graduated", "volume"]
"""How an amount follows from a quantity: `flat` is one amount, `unit` an amount for each unit, `package` one for each
started package, `percentage` a percentage of an amount of money. With `graduated`, each unit has the price of its own
tier; with `volume`, all units have the price of the tier that the quantity is in."""
MOST_TIERS: Final = 20
MOST_CURRENCIES: Final = 20
_FIELDS: dict[PriceModel, tuple[frozenset[str], frozenset[str]]] = {
    "flat": (frozenset({"unit_amount"}), frozenset()),
    "unit": (frozenset({"unit_amount"}), frozenset()),
    "package": (frozenset({"unit_amount", "package_size"}), frozenset({"free_quantity"})),
    "percentage": (frozenset({"percent"}), frozenset({"fixed_amount", "free_events", "free_amount"})),
    "graduated": (frozenset({"tiers"}), frozenset()),
    "volume": (frozenset({"tiers"}), frozenset()),
}
"""The fields of the amounts that each model requires, and those that it allows."""


class Tier(Value):
    """A tier of a graduated or volume price: quantities above the tier before, up to and including `up_to`."""

    up_to: Annotated[Quantity, Field(gt=0, examples=["10"])] | None = None
    """Last quantity of the tier; null for the last tier, which has no end."""
    unit_amount: UnitPrice | None = None
    """Price of one unit in the tier. At least one of `unit_amount` and `flat_amount` is required."""
    flat_amount: UnitPrice | None = None
    """Amount that is charged once as soon as the quantity reaches the tier."""

    @model_validator(mode="after")
    def _has_an_amount(self) -> Self:
        if self.unit_amount is None and self.flat_amount is None:
            raise PydanticCustomError("tier", "unit_amount or flat_amount is required")
        return self


class PriceAmounts(Value):
    """The amounts of a price in one currency. Which fields are required follows from the model of the price."""

    unit_amount: UnitPrice | None = None
    """Amount of a `flat` price, price of one unit (`unit`) or of one package (`package`)."""
    tiers: Annotated[tuple[Tier, ...], Field(max_length=MOST_TIERS)] = ()
    """Tiers of a `graduated` or `volume` price with rising `up_to`, at most 20. The last one has no `up_to`."""
    package_size: Annotated[Quantity, Field(gt=0)] | None = None
    """Number of units in a package; a started package is charged as a whole."""
    free_quantity: Annotated[Quantity, Field(ge=0)] = Decimal(0)
    """Number of units that are free before the first package."""
    percent: Percent | None = None
    """Percentage of the amount of money, for a `percentage` price."""
    fixed_amount: UnitPrice = Decimal(0)
    """Amount for each event, beside the percentage."""
    free_events: Annotated[int | None, Field(ge=0, le=1_000_000_000)] = None
    """Number of events that are free. An event is free as long as neither `free_events` nor `free_amount` is used up.
    """
    free_amount: Annotated[Amount, Field(ge=0)] | None = None
    """Amount of money that is free. The first event that exceeds it is charged, and so are all that follow."""

    @model_validator(mode="after")
    def _tiers_rise(self) -> Self:
        ends = [tier.up_to for tier in self.tiers]
        if ends and ends[-1] is not None:
            raise PydanticCustomError("tiers", "The last tier must have no up_to")
        closed = [end for end in ends[:-1] if end is not None]
        if len(closed) < len(ends) - 1:
            raise PydanticCustomError("tiers", "Only the last tier can have no up_to")
        if any(end <= start for start, end in pairwise(closed)):
            raise PydanticCustomError("tiers", "The up_to of each tier must be above that of the tier before")
        return self

    @property
    def has_free_events(self) -> bool:
        """Whether some events are free, so that the amount of each has to be known."""
        return self.free_events is not None or self.free_amount is not None


AmountsByCurrency = Annotated[
    dict[CurrencyCode, PriceAmounts],
    Field(min_length=1, max_length=MOST_CURRENCIES, examples=[{"EUR": {"unit_amount": "49.00"}}]),
]
"""Amounts by currency, in 1 to 20 currencies. Amounts are never converted."""
Minimums = Annotated[dict[CurrencyCode, Annotated[Amount, Field(gt=0)]], Field(max_length=MOST_CURRENCIES)]
"""Minimum charge of one full period by currency, above zero."""


def require_fit(model: PriceModel, amounts: Mapping[str, PriceAmounts], minimum: Mapping[str, Decimal]) -> None:
    """Refuse amounts that do not fit the model of their price, unknown currencies and wrong decimals."""
    wrong = [one for currency, entry in amounts.items() for one in _mistakes(model, f"/amounts/{currency}", entry)]
    wrong += [
        Violation(f"/minimum/{currency}", Invalid.code, "The price has no amounts in this currency.")
        for currency in minimum
        if currency not in amounts
    ]
    if wrong:
        raise Invalid("The amounts do not fit the model of the price.", errors=tuple(wrong))
    for currency, entry in amounts.items():
        if currency not in EXPONENTS:
            raise Invalid(f"{currency} is not a currency of ISO 4217.", pointer=f"/amounts/{currency}")
        if entry.free_amount is not None:
            to_minor(entry.free_amount, currency, pointer=f"/amounts/{currency}/free_amount")
        if currency in minimum:
            to_minor(minimum[currency], currency, pointer=f"/minimum/{currency}")


def _mistakes(model: PriceModel, pointer: str, amounts: PriceAmounts) -> Iterator[Violation]:
    required, allowed = _FIELDS[model]
    for name in sorted(required):
        if getattr(amounts, name) in (None, ()):
            yield Violation(f"{pointer}/{name}", Invalid.code, f"The model {model} requires {name}.")
    for name, field in PriceAmounts.model_fields.items():
        if name not in required | allowed and getattr(amounts, name) != field.default:
            yield Violation(f"{pointer}/{name}", Invalid.code, f"The model {model} has no {name}.")
