"""Where number series stand, and whether a number is missing in one."""

from collections.abc import Iterable, Iterator
from typing import Literal

from invoicing.core.model import Value


class SeriesCounter(Value):
    """Where a series stands in a year of issue; `year` is null where it never starts again.

    The numbers given are the counts from `first` to before `next`; `next_number` is how the next would be printed.
    """

    object: Literal["number_series"] = "number_series"
    name: str
    pattern: str
    year: int | None
    first: int
    next: int
    next_number: str


class Gap(Value):
    """Counts that no document has, both included."""

    first: int
    last: int


class GapReport(Value):
    """What there is of a series: every count from `checked_from` to `checked_to` was looked for.

    There is no gap in the series if `gaps` is empty in each report, following `next_start` until that is null.
    """

    object: Literal["number_series_gaps"] = "number_series_gaps"
    name: str
    year: int | None
    first: int
    next: int
    checked_from: int
    checked_to: int
    documents: int
    gaps: tuple[Gap, ...]
    next_start: int | None


def gaps(found: Iterable[int], first: int, last: int) -> Iterator[Gap]:
    """The stretches between two counts, both included, that are not found. What is found comes in order."""
    expected = first
    for count in found:
        if count > expected:
            yield Gap(first=expected, last=count - 1)
        expected = count + 1
    if expected <= last:
        yield Gap(first=expected, last=last)
