"""How a computation came to its numbers: each rounding, where it was made and of what."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from invoicing.core.money import divide, split

Kind = Literal["amount", "line_entry", "entry", "entry_share", "net", "tax", "net_share", "tax_share"]
"""What is computed: of a line, of the whole, of what bears one rate, and the shares of these.

An entry is an allowance or a charge, of a line or of the document.
"""

Fraction = tuple[int, int]
"""Numerator and denominator."""


class Rounded(NamedTuple):
    """`of × numerator ÷ denominator` in minor units, and which number of a document it is: the line's, the rate's.

    A share is rounded so that all shares add up. Its `place` among the parts of a rate is that of a line; those of the
    document's entries count from the end, below zero. `entry` is which entry of a line or of the document it is about.
    """

    kind: Kind
    place: int
    of: int
    numerator: int
    denominator: int
    result: int
    entry: int = 0


class Workings:
    """The one way that totals are rounded. It forgets at once how; `Remembered` does not."""

    def rounded(self, kind: Kind, place: int, of: int, fraction: Fraction, entry: int = 0) -> int:
        """A fraction of something, half away from zero."""
        result = divide(of * fraction[0], fraction[1])
        self.note(Rounded(kind, place, of, *fraction, result, entry))
        return result

    def shared(
        self, kind: Kind, places: Sequence[int], weights: Sequence[int], total: int, fraction: Fraction, entry: int = 0
    ) -> list[int]:
        """A total in parts that add up to it, by largest remainder."""
        parts = split(total, weights, *fraction)
        for place, weight, part in zip(places, weights, parts, strict=True):
            self.note(Rounded(kind, place, weight, *fraction, part, entry))
        return parts

    def note(self, rounded: Rounded) -> None:
        """Nobody asked."""


class Remembered(Workings):
    """Workings that can be read afterwards."""

    def __init__(self) -> None:
        self.roundings: list[Rounded] = []

    def note(self, rounded: Rounded) -> None:
        """Keep it."""
        self.roundings.append(rounded)


FORGOTTEN = Workings()
