"""Periods of subscriptions: the published examples A*, and that periods tile the calendar."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.catalogue.interval import Interval, IntervalUnit
from invoicing.core.model import local_date
from invoicing.subscriptions.periods import Anchor, Grid, Period

DAY = timedelta(days=1)
MONTHLY, YEARLY = Interval(unit="month"), Interval(unit="year")
WEEKLY, QUARTERLY = Interval(unit="week"), Interval(unit="month", count=3)
DAYS = st.dates(date(1999, 1, 1), date(2101, 12, 31))


def first_periods(start: str, interval: Interval = MONTHLY, number: int = 4, **anchor: int) -> list[Period]:
    first = date.fromisoformat(start)
    return list(islice(Grid.of(interval, Anchor(**anchor), first).periods(first), number))


def written(periods: list[Period]) -> list[str]:
    return [f"{one.start}…{one.end}" for one in periods]


def starts(periods: list[Period]) -> list[str]:
    return [one.start.isoformat() for one in periods]


@pytest.mark.parametrize(
    ("row", "start", "expected"),
    [
        ("A01", "2023-01-31", ["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"]),
        ("A02", "2024-01-31", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
    ],
)
def test_the_last_day_of_a_month_does_not_drift(row: str, start: str, expected: list[str]) -> None:
    assert starts(first_periods(start)) == expected


def test_weeks_begin_on_the_same_weekday_a03() -> None:
    assert starts(first_periods("2022-06-03", WEEKLY, 3)) == ["2022-06-03", "2022-06-10", "2022-06-17"]


@pytest.mark.parametrize(
    ("row", "start", "expected"),
    [
        ("A04", "2024-01-31", ["2024-01-31…2024-02-28", "2024-02-29…2024-03-30", "2024-03-31…2024-04-29"]),
        (
            "A05",
            "2024-01-30",
            ["2024-01-30…2024-02-28", "2024-02-29…2024-03-29", "2024-03-30…2024-04-29", "2024-04-30…2024-05-29"],
        ),
        ("A06", "2023-01-31", ["2023-01-31…2023-02-27", "2023-02-28…2023-03-30"]),
        ("A11", "2022-01-30", ["2022-01-30…2022-02-27"]),
    ],
)
def test_months_end_on_the_day_before_the_next(row: str, start: str, expected: list[str]) -> None:
    assert written(first_periods(start, number=len(expected))) == expected


def test_a_year_from_the_last_day_of_january_a07() -> None:
    assert written(first_periods("2024-01-31", YEARLY, 1)) == ["2024-01-31…2025-01-30"]


@pytest.mark.parametrize(
    ("row", "interval", "start", "billed", "expected"),
    [
        ("A08", YEARLY, "2020-02-29", "2025-02-28", "2024-02-29…2025-02-27"),
        ("A10", MONTHLY, "2019-04-30", "2020-03-30", "2020-02-29…2020-03-29"),
    ],
)
def test_a_period_in_arrears_is_billed_after_it(
    row: str, interval: Interval, start: str, billed: str, expected: str
) -> None:
    day = date.fromisoformat(billed)
    found = [one for one in first_periods(start, interval, 12) if one.bill_day("arrears") == day]
    assert written(found) == [expected]


@pytest.mark.parametrize(
    ("row", "start", "anchor", "expected"),
    [("A12", "2012-02-16", 30, "2012-02-29"), ("A14", "2012-02-16", 14, "2012-03-14")],
)
def test_full_periods_begin_on_the_anchor_day(row: str, start: str, anchor: int, expected: str) -> None:
    stub, full = first_periods(start, number=2, day=anchor)
    assert stub.days < stub.of
    assert (full.start.isoformat(), full.days) == (expected, full.of)


def test_the_last_day_of_a_short_month_is_its_day_31_a15() -> None:
    assert first_periods("2012-04-30", number=1, day=31)[0].end + DAY == date(2012, 5, 31)


def test_three_months_in_advance_are_three_periods_a16() -> None:
    due = [one for one in first_periods("2017-01-31", day=31) if one.bill_day("advance") <= date(2017, 3, 31)]
    assert len(due) == 3


def test_intervals_of_days_ignore_months_a17() -> None:
    assert written(first_periods("2011-09-01", Interval(unit="day", count=30), 2))[1] == "2011-10-01…2011-10-30"


def test_a_trial_of_30_days_crosses_a_clock_change_a19() -> None:
    created = local_date(datetime(2017, 3, 2, 7, 30, tzinfo=UTC), "America/Los_Angeles")
    assert created == date(2017, 3, 1)
    assert first_periods((created + timedelta(days=30)).isoformat(), number=1)[0].start.day == 31


def test_quarters_begin_in_the_months_of_the_anchor() -> None:
    assert written(first_periods("2025-02-10", QUARTERLY, 2, day=1, month=1)) == [
        "2025-02-10…2025-03-31",
        "2025-04-01…2025-06-30",
    ]
    assert first_periods("2025-02-10", QUARTERLY, 1, day=1, month=1)[0].of == 90


def test_a_yearly_anchor_without_a_month_is_the_next_such_day() -> None:
    assert written(first_periods("2025-02-10", YEARLY, 2, day=1)) == ["2025-02-10…2025-02-28", "2025-03-01…2026-02-28"]


@pytest.mark.parametrize(("timing", "expected"), [("advance", date(2026, 2, 23)), ("arrears", date(2026, 4, 1))])
def test_the_bill_day_counts_lead_and_grace_days(timing: str, expected: date) -> None:
    period = first_periods("2026-02-28", number=1)[0]
    assert period.bill_day("advance" if timing == "advance" else "arrears", lead_days=5, grace_days=4) == expected


@pytest.mark.parametrize("interval", [WEEKLY, MONTHLY, QUARTERLY, YEARLY], ids=lambda one: one.code)
@pytest.mark.parametrize("anchor", [28, 29, 30, 31])
def test_periods_of_48_months_tile_the_calendar(anchor: int, interval: Interval) -> None:
    for month in range(48):
        first = date(2022 + month // 12, month % 12 + 1, 1)
        last = first + timedelta(days=4 * 366)
        grid = Grid.of(interval, Anchor(day=None if interval.unit == "week" else anchor), first)
        periods = list(grid.periods(first, last))
        assert (periods[0].start, periods[-1].end) == (first, last)
        assert all(two.start == one.end + DAY for one, two in pairwise(periods))
        assert all(one.days == one.of for one in periods[1:-1])
        if interval.unit != "week":
            assert all(one.start.day == clipped(one.start, anchor) for one in periods[1:])


def clipped(day: date, anchor: int) -> int:
    return min(anchor, monthrange(day.year, day.month)[1])


@given(
    unit=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 40),
    first=DAYS,
    day=DAYS,
    anchor=st.builds(
        Anchor,
        day=st.none() | st.integers(1, 31),
        month=st.none() | st.integers(1, 12),
        weekday=st.none() | st.integers(1, 7),
    ),
)
def test_a_day_is_in_one_full_period(unit: IntervalUnit, count: int, first: date, day: date, anchor: Anchor) -> None:
    grid = Grid.of(Interval(unit=unit, count=count), anchor, first)
    number = grid.number(day)
    full = grid.full_period(day)
    assert full.start == grid.boundary(number) <= day <= full.end == grid.boundary(number + 1) - DAY
    assert grid.full_period(full.start) == full
    assert full.days == full.of
