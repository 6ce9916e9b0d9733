"""Which statements of an account follow on each other: one begins with the balance that another ended with."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Link(NamedTuple):
    """A statement with two balances, as far as it decides about others."""

    statement_id: str
    first_day: date
    last_day: date
    opening: Decimal
    closing: Decimal
    number: str | None
    format: str

    def follows(self, other: "Link") -> bool:
        """Whether it follows on another statement of the account.

        The same statement in another format does not, even if nothing moved in it. One that begins before the last day
        of another one overlaps with it, even if the movements that both have add up to nothing.
        """
        if other.statement_id == self.statement_id or other.closing != self.opening or other.number == self.number:
            return False
        moves = self.opening != self.closing and other.opening != other.closing
        in_order = other.last_day <= self.first_day
        return in_order and (moves or self.format == other.format)


def connected(link: Link, others: Iterable[Link]) -> frozenset[str]:
    """The statements that a statement follows, directly or through others, and those that follow it."""
    known = list(others)
    return _walked(link, known, back=True) | _walked(link, known, back=False)


def _walked(link: Link, others: Sequence[Link], *, back: bool) -> frozenset[str]:
    found: dict[str, Link] = {}
    waiting = [link]
    while waiting:
        at = waiting.pop()
        for other in others:
            is_next = at.follows(other) if back else other.follows(at)
            if is_next and other.statement_id not in found:
                found[other.statement_id] = other
                waiting.append(other)
    return frozenset(found)


def expected_opening(link: Link, others: Iterable[Link]) -> Decimal | None:
    """The balance with which the statement before it ended, unless it begins with that; None without one before."""
    before = [
        one
        for one in others
        if one.statement_id != link.statement_id
        and (one.first_day, one.last_day) < (link.first_day, link.last_day)
        and one.last_day <= link.first_day
    ]
    if any(one.closing == link.opening for one in before) or not before:
        return None
    return max(before, key=lambda one: (one.last_day, one.first_day)).closing
