"""The part of a period that is charged, and the quantities of its line."""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, NamedTuple

DIGITS: Final = 60
"""The digits of a fraction as a decimal."""
MOST_DECIMALS: Final = 10
"""The decimals of the quantities of a line."""
_FINEST: Final = 10**12
"""The largest denominator of a fraction."""


class Share(NamedTuple):
    """The days that are charged, of the days of the full period that contains them."""

    days: int
    of: int

    @property
    def is_whole(self) -> bool:
        """Whether the full period is charged."""
        return self.days == self.of


def without_repeating_digits(quantity: Decimal, base: Decimal) -> tuple[Decimal, Decimal]:
    """A quantity and the quantity of its price. If the latter has more digits than a line, both are multiplied alike.

    The price of a line that states no days, or whose quantity a user edited, is that of a fraction such as 10 ÷ 31.
    """
    if is_statable(base):
        return quantity, base
    exact = Fraction(base).limit_denominator(_FINEST)
    multiple = exact.denominator
    for prime in (2, 5):
        while multiple % prime == 0:
            multiple //= prime
    if (exact * multiple * 10**MOST_DECIMALS).denominator > 1:
        multiple = exact.denominator
    whole = exact * multiple
    with localcontext(prec=DIGITS):
        return quantity * multiple, Decimal(whole.numerator) / Decimal(whole.denominator)


def is_statable(number: Decimal) -> bool:
    """Whether a number is written with at most as many decimals as a line can state."""
    return len(number.as_tuple().digits) - number.adjusted() - 1 <= MOST_DECIMALS
