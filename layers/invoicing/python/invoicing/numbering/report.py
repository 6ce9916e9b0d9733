"""The counters of number series, and their missing numbers."""

from collections.abc import Iterable, Iterator
from typing import Literal

from invoicing.core.model import Value


class SeriesCounter(Value):
    """The counter of a number series in a year of issue."""

    object: Literal["number_series"] = "number_series"
    name: str
    """Name of the number series."""
    pattern: str
    """Pattern of the numbers, such as `INV-{yyyy}-{n:06}`."""
    year: int | None
    """Year of issue; null for series without a yearly reset."""
    first: int
    """First count of the counter."""
    next: int
    """Count that the next document will get."""
    next_number: str
    """Number that the next document will get."""


class Gap(Value):
    """A range of counts that no document has."""

    first: int
    """First missing count."""
    last: int
    """Last missing count, included."""


class GapReport(Value):
    """The result of a check for gaps.

    A series has no gaps if `gaps` is empty in each report up to a null `next_start`.
    """

    object: Literal["number_series_gaps"] = "number_series_gaps"
    name: str
    """Name of the number series."""
    year: int | None
    """Year of issue; null for series without a yearly reset."""
    first: int
    """First count of the counter."""
    next: int
    """Count that the next document will get."""
    checked_from: int
    """First count that was checked."""
    checked_to: int
    """Last count that was checked, included."""
    documents: int
    """Number of documents found in this range."""
    gaps: tuple[Gap, ...]
    """Ranges of counts that no document has."""
    next_start: int | None
    """Count to send as `start` to check the next part; null if the check is complete."""


def gaps(found: Iterable[int], first: int, last: int) -> Iterator[Gap]:
    """The ranges between two counts, both included, that are not found. The found counts are in order."""
    expected = first
    for count in found:
        if count > expected:
            yield Gap(first=expected, last=count - 1)
        expected = count + 1
    if expected <= last:
        yield Gap(first=expected, last=last)
