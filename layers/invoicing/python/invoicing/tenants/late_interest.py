"""Interest for late payment (Directive 2011/7/EU): simple, per day, on the open amount of that day."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer, WithJsonSchema

from invoicing.core.currency import divide, from_minor, to_minor
from invoicing.core.model import Day, Value, days_after, decimal_of, decimal_text

_YEAR = 365
_RATE = r"-?(0|[1-9][0-9]?)(\.[0-9]{1,4})?"
SignedPercent = Annotated[
    Decimal,
    decimal_of(_RATE, integers=True),
    PlainSerializer(decimal_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_RATE}$", "examples": ["2.27"]}),
]
"""Percentage a year as a decimal string with up to 4 decimals; it can be negative."""


class BaseRate(Value):
    """A base rate of the central bank, valid from a date on."""

    valid_from: Day
    """First day on which the rate applies. It applies until the next entry's date."""
    rate: SignedPercent
    """Base rate."""


class Open(NamedTuple):
    """The open amount from a day on."""

    since: date
    amount: Decimal


class Accrued(NamedTuple):
    """Consecutive days with the same amount and rate; `exact` is the accrued interest, unrounded, in minor units."""

    first: date
    days: int
    amount: Decimal
    rate: Decimal
    exact: Fraction


def late_interest(
    open_amounts: Sequence[Open], rates: Sequence[BaseRate], points: Decimal, currency: str, *, until: date
) -> tuple[Decimal, tuple[Accrued, ...]]:
    """The interest up to and with a day, rounded once, and its periods.

    `open_amounts` begin on the day after the due date. A negative base rate reduces the points, but not below zero. A
    year has 365 days. No interest accrues on days without a known rate.
    """
    stretches = tuple(_accrued(open_amounts, rates, points, currency, until))
    exact = sum((one.exact for one in stretches), Fraction())
    return from_minor(divide(exact.numerator, exact.denominator), currency), stretches


def _accrued(
    open_amounts: Sequence[Open], rates: Sequence[BaseRate], points: Decimal, currency: str, until: date
) -> Iterable[Accrued]:
    changes = sorted({*(one.since for one in open_amounts), *(one.valid_from for one in rates)})
    end = days_after(until, 1)
    for first, after in pairwise([*(day for day in changes if day < end), end]):
        amount = _latest((one.since, one.amount) for one in open_amounts if one.since <= first)
        base = _latest((one.valid_from, one.rate) for one in rates if one.valid_from <= first)
        if not amount or base is None:
            continue
        rate = max(base + points, Decimal(0))
        length = (after - first).days
        units = to_minor(amount, currency, pointer="")
        yield Accrued(first, length, amount, rate, Fraction(rate) * units * length / (100 * _YEAR))


def _latest(dated: Iterable[tuple[date, Decimal]]) -> Decimal | None:
    return max(dated, key=lambda one: one[0], default=(None, None))[1]
