"""How a computation came to its numbers: each rounding, where it was made and of what."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from invoicing.core.money import divide, split

Kind = Literal["amount", "line_discount", "discount", "discount_share", "shipping_share", "net", "tax", "net_share",
               "tax_share"]  # fmt: skip
"""What is computed: of a line, of the whole, of what bears one rate, and the shares of these."""


class Rounded(NamedTuple):
    """`of × numerator ÷ denominator` in minor units, and which number of a document it is: the line's, the rate's.

    A share is rounded so that all shares add up; its `place` among the parts of a rate is that of a line, or -2 for the
    discount and -1 for shipping.
    """

    kind: Kind
    place: int
    of: int
    numerator: int
    denominator: int
    result: int


class Workings:
    """The one way that totals are rounded. It forgets at once how; `Remembered` does not."""

    def rounded(self, kind: Kind, place: int, of: int, numerator: int, denominator: int) -> int:
        """A fraction of something, half away from zero."""
        result = divide(of * numerator, denominator)
        self.note(Rounded(kind, place, of, numerator, denominator, result))
        return result

    def shared(
        self, kind: Kind, places: Sequence[int], total: int, weights: Sequence[int], numerator: int, denominator: int
    ) -> list[int]:
        """A total in parts that add up to it, by largest remainder."""
        parts = split(total, weights, numerator, denominator)
        for place, weight, part in zip(places, weights, parts, strict=True):
            self.note(Rounded(kind, place, weight, numerator, denominator, part))
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
