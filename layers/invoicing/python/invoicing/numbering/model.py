"""Numbers of documents: gapless within a series, assigned only when a document is finalized."""

import re
from datetime import date
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from invoicing.core.model import Value

MANDATE: Final = "mandate"
"""The series of references of mandates. Tenants without one use `mandate_series`."""
_PART = re.compile(r"\{(yyyy|yy|mm|dd|n(?::0([1-9]|1[0-2]))?)\}")
_TOKEN = re.compile(r"([^{}])|\{(n|yyyy|yy|mm|dd)(?::0([0-9]+))?\}")
_BESIDE = r"(?:[A-Za-z0-9/_.| -]|\{(?:yyyy|yy|mm|dd)\})*"
_FORM = re.compile(_BESIDE + r"\{n(?::0(?:[1-9]|1[0-2]))?\}" + _BESIDE)


def _pattern(pattern: str) -> str:
    if not _FORM.fullmatch(pattern):
        raise PydanticCustomError(
            "number_pattern",
            "Input should contain exactly one counter {{n}} or {{n:06}} and date parts {{yyyy}} {{yy}} {{mm}} {{dd}}",
        )
    return pattern


SeriesName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["invoice"])]
"""Name of a number series: up to 32 small letters, digits and `_`, such as `invoice`."""
CustomerGroup = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$", examples=["b2b"])]
"""Up to 16 small letters, digits and `_`, such as `b2b`."""


class NumberSeries(Value):
    """How documents of one type are numbered, without gaps."""

    name: SeriesName
    """A type of document (`invoice`, `credit_note`, `cancellation`, `dunning`) or `mandate`, or one of these and a
    customer group, such as `invoice_b2b`."""
    pattern: Annotated[str, Field(max_length=60), AfterValidator(_pattern)]
    """Pattern of the numbers, such as `INV-{yyyy}-{n:06}`, up to 60 characters: one counter `{n}`, with a minimum of
    digits if needed, and date parts `{yyyy}`, `{yy}`, `{mm}`, `{dd}`."""
    yearly_reset: bool = True
    """Whether the counter starts again with each year of issue. A backdated document continues the counter of its year.
    """
    first_number: Annotated[int, Field(ge=1, le=999_999_999_999)] = 1
    """First count of `first_year`, for tenants that continue the numbers of another system."""
    first_year: Annotated[int, Field(ge=1900, le=9999)] | None = None
    """Year that `first_number` applies to, from 1900 to 9999; null applies it to every counter."""

    @property
    def names_year(self) -> bool:
        """Whether the numbers contain the year of issue."""
        return "{yyyy}" in self.pattern or "{yy}" in self.pattern

    def counter_year(self, issued: date) -> int | None:
        """The year of the counter that gives a document its number."""
        return issued.year if self.yearly_reset else None

    def start(self, issued: date) -> int:
        """The count that the first document of this year of issue gets."""
        return self.first_number if self.first_year in (None, issued.year) else 1

    def number(self, count: int, issued: date) -> str:
        """The number as it is printed."""

        def part(match: re.Match[str]) -> str:
            match match.group(1):
                case "yyyy":
                    return f"{issued.year:04d}"
                case "yy":
                    return f"{issued.year % 100:02d}"
                case "mm":
                    return f"{issued.month:02d}"
                case "dd":
                    return f"{issued.day:02d}"
                case _:
                    return f"{count:0{match.group(2) or 1}d}"

        return _PART.sub(part, self.pattern)


class _Part(NamedTuple):
    """A part of a pattern as sets of characters; `counter` is the counter, which has at least this number of digits."""

    characters: tuple[frozenset[str], ...]
    counter: bool = False


_DIGITS = frozenset("0123456789")
LONGEST_COUNT = 12
"""The most digits of a counter."""
_DATE_PARTS = {
    # The years that an issue date can have (`FIRST_DAY` to `LAST_DAY`).
    "yyyy": (frozenset("12"), frozenset("0129"), _DIGITS, _DIGITS),
    "yy": (_DIGITS, _DIGITS),
    "mm": (frozenset("01"), _DIGITS),
    "dd": (frozenset("0123"), _DIGITS),
}


def can_collide(one: NumberSeries, other: NumberSeries) -> bool:
    """Whether two series can print the same number for any counts and dates.

    Numbers are compared in runs of digits and of other characters. Only the counter has a variable length.
    """
    stretches, others = _stretches(one.pattern), _stretches(other.pattern)
    if [kind for kind, _ in stretches] != [kind for kind, _ in others]:
        return False
    return all(_meet(mine, theirs) for (_, mine), (_, theirs) in zip(stretches, others, strict=True))


def parts_of(pattern: str) -> list[tuple[str, str, str]]:
    """The parts of a pattern in order: a character, or the name of a part and the minimum of its digits."""
    return _TOKEN.findall(pattern)


def _stretches(pattern: str) -> list[tuple[str, list[_Part]]]:
    """A pattern in runs of digits (kind `#`) and of other characters (kind: the characters themselves)."""
    found: list[tuple[str, list[_Part]]] = []
    for text, name, width in parts_of(pattern):
        if name.startswith("n"):
            part = _Part((_DIGITS,) * int(width or 1), counter=True)
        else:
            part = _Part(_DATE_PARTS[name] if name else (frozenset(text),))
        kind = text if text and text not in _DIGITS else "#"
        if kind == "#" and found and found[-1][0] == "#":
            found[-1][1].append(part)
        else:
            found.append((kind, [part]))
    return found


def _meet(mine: list[_Part], theirs: list[_Part]) -> bool:
    """Whether two runs can be the same text, at any length that both can have."""
    lengths = _lengths(mine) & _lengths(theirs)
    return any(
        all(one & other for one, other in zip(_at(mine, length), _at(theirs, length), strict=True))
        for length in lengths
    )


def _lengths(stretch: list[_Part]) -> set[int]:
    least = sum(len(part.characters) for part in stretch)
    counter = next((len(part.characters) for part in stretch if part.counter), LONGEST_COUNT)
    return set(range(least, least + LONGEST_COUNT - counter + 1))


def _at(stretch: list[_Part], length: int) -> list[frozenset[str]]:
    """A run at a length. A counter with more digits than the minimum of its pattern does not begin with a zero."""
    more = length - sum(len(part.characters) for part in stretch)
    found: list[frozenset[str]] = []
    for part in stretch:
        if part.counter and more:
            found += [_DIGITS - {"0"}, *([_DIGITS] * (more - 1))]
        found += part.characters
    return found


def series_of(type_: str, group: str | None) -> str:
    """The series for documents of a type to customers of a group, if the group has its own."""
    return f"{type_}_{group}" if group else type_


def type_of(series: str) -> str:
    """The type of document that a series is for; every type has the series of its name."""
    return next(
        (type_ for type_ in (*default_series(), MANDATE) if series == type_ or series.startswith(f"{type_}_")), ""
    )


def alongside(series: str, type_: str) -> str:
    """The series for a document that follows from one of another series: of the same group."""
    return type_ + series.removeprefix(type_of(series))


def default_series() -> "dict[str, NumberSeries]":
    """The series a tenant starts with, one for each type of document."""
    return {
        "invoice": NumberSeries(name="invoice", pattern="INV-{yyyy}-{n:06}"),
        "credit_note": NumberSeries(name="credit_note", pattern="CN-{yyyy}-{n:06}"),
        "cancellation": NumberSeries(name="cancellation", pattern="CAN-{yyyy}-{n:06}"),
        "dunning": NumberSeries(name="dunning", pattern="DUN-{yyyy}-{n:06}"),
    }


def mandate_series() -> NumberSeries:
    """The series of references of mandates, for tenants that define none."""
    return NumberSeries(name=MANDATE, pattern="MANDATE-{yyyy}-{n:06}")
