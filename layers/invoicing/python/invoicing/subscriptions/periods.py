"""The periods of a subscription: calendar dates only, each counted from the anchor and never from the date before.

A client can check every date with a calendar: hours, time zones, clock changes and an average length of a month play no
part.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, NamedTuple, Self

from pydantic import ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.interval import Interval, Timing
from invoicing.core.errors import Invalid
from invoicing.core.model import ENTERED, Day, Value

_DAY: Final = timedelta(days=1)


class Anchor(Value):
    """The day on which periods begin. The parts that are null follow from the first day that is billed."""

    day: Annotated[int | None, Field(ge=1, le=31)] = None
    """Day of the month, 1 to 31, for intervals of months and years. In shorter months it is the last day."""
    month: Annotated[int | None, Field(ge=1, le=12)] = None
    """Month, 1 to 12, for intervals of months and years; it requires `day`. It decides in which months quarters
    begin."""
    weekday: Annotated[int | None, Field(ge=1, le=7)] = None
    """Day of the week for intervals of weeks, from 1 (Monday) to 7 (Sunday) as in ISO 8601."""

    @model_validator(mode="after")
    def _has_the_day_of_its_month(self, info: ValidationInfo) -> Self:
        if info.context is ENTERED and self.month is not None and self.day is None:
            raise PydanticCustomError("anchor", "month requires day", {"field": "day"})
        return self

    def require_used(self, intervals: Iterable[Interval]) -> None:
        """Refuse parts that no interval uses."""
        units = {one.unit for one in intervals}
        if self.weekday is not None and "week" not in units:
            raise Invalid("No item has an interval of weeks.", pointer="/anchor/weekday")
        if self.day is not None and units.isdisjoint(("month", "year")):
            raise Invalid("No item has an interval of months or years.", pointer="/anchor/day")


class Period(NamedTuple):
    """A billing period, both days included."""

    start: date
    end: date
    of: int
    full_start: date | None = None
    """First day of the full period that contains it; None if it begins on this day itself."""

    @property
    def days(self) -> int:
        """The number of its days."""
        return days_between(self.start, self.end)

    def bill_day(self, timing: Timing, *, lead_days: int = 0, grace_days: int = 0) -> date:
        """The date on which it is due to be billed, in the tenant's time zone."""
        if timing == "advance":
            return self.start - timedelta(days=lead_days)
        return self.end + timedelta(days=1 + grace_days)

    def days_of(self, first: date, last: date | None) -> int:
        """The number of its days on which something runs, from its first day to its last one (None: without end)."""
        return max(0, days_between(max(self.start, first), min(self.end, last or self.end)))


@dataclass(frozen=True)
class Grid:
    """The dates on which full periods begin: boundary k is anchor + k × interval, in both directions.

    Grids of months count from a month, and each boundary has the anchor's day or the last day of a shorter month.
    """

    step: int
    """The interval in months, or in days."""
    origin: date
    """The date of boundary 0, or a date of its month."""
    day: int | None
    """The anchor's day of the month; None for a grid of days."""

    @classmethod
    def of(cls, interval: Interval, anchor: Anchor, first: date) -> "Grid":
        """The grid of an interval for periods that begin on `first`.

        Boundary 0 is the first date on or after `first` that the anchor matches, so that the stub before it is short.
        """
        if interval.days:
            weekday = anchor.weekday if interval.unit == "week" else None
            ahead = (weekday - first.isoweekday()) % 7 if weekday else 0
            return cls(interval.days, first + timedelta(days=ahead), None)
        step, day = interval.months, anchor.day or first.day
        month = anchor.month or (first.month if interval.unit == "year" and anchor.day is None else None)
        at = _month_of(first)
        while _in_month(at, day) < first or (month is not None and at % 12 != month - 1):
            at += 1
        return cls(step, _in_month(at, 1), day)

    def boundary(self, number: int) -> date:
        """The first day of the full period with this number; negative numbers lie before the anchor."""
        if self.day is None:
            return self.origin + timedelta(days=number * self.step)
        return _in_month(_month_of(self.origin) + number * self.step, self.day)

    def number(self, day: date) -> int:
        """The number of the full period that contains a day."""
        if self.day is None:
            return (day - self.origin).days // self.step
        number = (_month_of(day) - _month_of(self.origin)) // self.step
        return number - 1 if self.boundary(number) > day else number

    def full_period(self, day: date) -> Period:
        """The full period that contains a day."""
        number = self.number(day)
        start, end = self.boundary(number), self.boundary(number + 1) - _DAY
        return Period(start, end, days_between(start, end))

    def period(self, start: date, last: date | None = None) -> Period:
        """The period that begins on a day: up to the next boundary, or to `last` if that is earlier."""
        full = self.full_period(start)
        return Period(start, min(full.end, last or full.end), full.of, full.start)

    def periods(self, start: date, last: date | None = None) -> Iterator[Period]:
        """All periods from a day on, without gap or overlap. Without `last` they never end."""
        while last is None or start <= last:
            period = self.period(start, last)
            yield period
            start = period.end + _DAY


class NextPeriod(Value):
    """The period that is billed next."""

    start: Day
    """First day of the period."""
    end: Day
    """Last day of the period."""
    bill_on: Day
    """Date on which it is billed, in the tenant's time zone."""


class Track(Value):
    """The items of one interval and timing. Their periods follow each other without gap or overlap."""

    interval: Interval
    """Length of the periods."""
    timing: Timing
    """Whether periods are billed at their start or after their end."""
    billed_through: Day | None = None
    """Last day of the periods that are billed or skipped; null before the first one."""
    next: NextPeriod | None = None
    """Period that is billed next; null if there is none, or while the end of a pause is open."""

    @property
    def code(self) -> str:
        """The identifier of the track within its subscription, such as `1m-advance`."""
        return f"{self.interval.code}-{self.timing}"


class EarlierAnchor(Value):
    """The anchor of a subscription before it was restarted."""

    until: Day
    """Last day of the periods that were counted from it."""
    anchor: Anchor
    """Day on which these periods began."""


class Span(NamedTuple):
    """The days whose periods are counted from one anchor."""

    anchor: Anchor
    first: date
    until: date | None
    """Last day of the span; None without end."""

    def grid(self, interval: Interval) -> Grid:
        """The grid of an interval in these days."""
        return Grid.of(interval, self.anchor, self.first)


class Pause(Value):
    """The days on which a subscription is paused."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    first: Annotated[Day, Field(alias="from")]
    """First day of the pause."""
    last: Annotated[Day | None, Field(alias="until")] = None
    """Last day of the pause; null until the subscription is resumed."""

    def includes(self, day: date) -> bool:
        """Whether a day is in the pause."""
        return self.first <= day and (self.last is None or day <= self.last)

    def holds(self, period: Period) -> bool:
        """Whether a period lies wholly in the pause, so that it is not billed."""
        return self.first <= period.start and (self.last is None or period.end <= self.last)


def spans_of(earlier: tuple[EarlierAnchor, ...], anchor: Anchor, first: date) -> tuple[Span, ...]:
    """The days of each anchor, oldest first. The last one has no end."""
    found = []
    for one in earlier:
        found.append(Span(one.anchor, first, one.until))
        first = one.until + _DAY
    return (*found, Span(anchor, first, None))


def day_after(day: date, months: int, days: int) -> date:
    """The date some months and days later: on the same day of the month, or the last one of a shorter month."""
    return _in_month(_month_of(day) + months, day.day) + timedelta(days=days)


def days_between(first: date, last: date) -> int:
    """The number of days from one to another, both included."""
    return (last - first).days + 1


def _month_of(day: date) -> int:
    """The number of months since year 0."""
    return day.year * 12 + day.month - 1


def _in_month(month: int, day: int) -> date:
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))
