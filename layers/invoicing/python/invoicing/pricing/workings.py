"""The intermediate results of a computation: each rounding with its place and its input."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from invoicing.core.currency import divide, split

AmountKind = Literal["amount", "line_entry", "entry", "entry_share", "net", "tax", "net_share", "tax_share"]
"""The computed quantities: of a line, of the document, of a rate, and their shares.

An entry is an allowance or a charge, of a line or of the document.
"""

Fraction = tuple[int, int]
"""Numerator and denominator."""


class Rounded(NamedTuple):
    """`of × numerator ÷ denominator` in minor units, for a number of a document, such as that of a line or rate.

    A share is rounded so that all shares add up. Its `place` among the parts of a rate is that of a line; the places of
    the document's entries count from the end, below zero. `entry` is the place of the entry of a line or of the
    document.
    """

    kind: AmountKind
    place: int
    of: int
    numerator: int
    denominator: int
    result: int
    entry: int = 0


class Workings:
    """The rounding of all totals. It does not record its steps; `Remembered` does."""

    def rounded(self, kind: AmountKind, place: int, of: int, fraction: Fraction, entry: int = 0) -> int:
        """A fraction of an amount, rounded half away from zero."""
        result = divide(of * fraction[0], fraction[1])
        self.note(Rounded(kind, place, of, *fraction, result, entry))
        return result

    def shared(
        self,
        kind: AmountKind,
        places: Sequence[int],
        weights: Sequence[int],
        total: int,
        fraction: Fraction,
        entry: int = 0,
    ) -> list[int]:
        """A total in parts that add up to it, by largest remainder."""
        parts = split(total, weights, *fraction)
        for place, weight, part in zip(places, weights, parts, strict=True):
            self.note(Rounded(kind, place, weight, *fraction, part, entry))
        return parts

    def note(self, rounded: Rounded) -> None:
        """Records nothing."""


class Remembered(Workings):
    """Rounding with recorded steps."""

    def __init__(self) -> None:
        self.roundings: list[Rounded] = []

    def note(self, rounded: Rounded) -> None:
        """Record it."""
        self.roundings.append(rounded)


FORGOTTEN = Workings()
