"""A statement as a reader found it in a file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from invoicing.bank.entry import FoundEntry, Rejection
from invoicing.core.currency import EXPONENTS

StatementFormat = Literal["camt.052", "camt.053", "camt.054", "mt940", "mt942", "csv", "pain.002"]
"""Format of a statement's file."""
_MOST_DIGITS = 18


class NotReadable(Exception):
    """A part of a file that cannot be read: its place, and why."""

    def __init__(self, place: str, why: str) -> None:
        self.place = place
        self.why = why
        super().__init__(f"{place}: {why}")


@dataclass(frozen=True)
class FoundBalance:
    """A balance of the account, negative for a debt."""

    amount: Decimal
    currency: str
    on: date | None


@dataclass
class FoundStatement:
    """A statement of one account: its entries that are booked, and everything that could not be read."""

    place: str
    """The place in the file: a line, or the name of a member with a line."""
    format: StatementFormat
    account: str | None = None
    """The account as the file names it: an IBAN, or the numbers of bank and account."""
    currency: str | None = None
    number: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    opening: FoundBalance | None = None
    closing: FoundBalance | None = None
    entries: list[FoundEntry] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    """The payments that were not executed, as pain.002 has them."""
    pending: int = 0
    """The entries that are not booked, and left out."""
    problems: list[NotReadable] = field(default_factory=list)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day: as given, else of its entries and closing balance, else of the opening one."""
        found = [entry.booked_on for entry in self.entries]
        found += [self.closing.on] if self.closing is not None and self.closing.on is not None else []
        if not found and self.opening is not None and self.opening.on is not None:
            found = [self.opening.on]
        low = self.first_day or min(found, default=None)
        high = self.last_day or max(found, default=None)
        return None if low is None or high is None else (min(low, high), max(low, high))

    @property
    def is_balanced(self) -> bool | None:
        """Whether the entries add up to the difference of the balances; None without two balances in one currency."""
        if self.opening is None or self.closing is None or self.opening.currency != self.closing.currency:
            return None
        if any(entry.currency != self.closing.currency for entry in self.entries):
            return None
        return sum((entry.effect for entry in self.entries), self.opening.amount) == self.closing.amount


@dataclass
class Reading:
    """The statements of a file, and its parts that are none."""

    statements: list[FoundStatement]
    problems: Sequence[NotReadable] = ()


def amount_of(text: str, currency: str, place: str) -> Decimal:
    """An amount with at least the decimals of its currency. Raises `NotReadable`."""
    try:
        amount = Decimal(text.strip().removesuffix("."))
    except InvalidOperation:
        raise NotReadable(place, "an amount is not a number") from None
    digits = EXPONENTS.get(currency)
    if digits is None:
        raise NotReadable(place, "a currency is not one of ISO 4217")
    if not amount.is_finite() or amount.adjusted() >= _MOST_DIGITS:
        raise NotReadable(place, "an amount is out of range")
    exponent = amount.as_tuple().exponent
    decimals = max(digits, -exponent if isinstance(exponent, int) else 0)
    while decimals > digits and amount == round(amount, decimals - 1):
        decimals -= 1
    if decimals > 5:
        raise NotReadable(place, "an amount has more than 5 decimals")
    return amount.quantize(Decimal(1).scaleb(-decimals))
