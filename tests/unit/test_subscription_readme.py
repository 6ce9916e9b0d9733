"""The figures in the README of subscriptions are those that the code computes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path

from invoicing.catalogue.interval import Interval
from invoicing.core.identity import Caller, Moment
from invoicing.subscriptions import schedule
from invoicing.subscriptions.billing.pausing import paused, resumed
from invoicing.subscriptions.layers import Part
from invoicing.subscriptions.periods import Anchor, Grid, Period
from invoicing.subscriptions.requests import PauseSubscription
from invoicing.subscriptions.terms import earliest_end
from tests.unit.test_subscription_layers import billed, change, charge, credit
from tests.unit.test_subscription_pauses import recorded
from tests.unit.test_subscription_schedule import subscription
from tests.unit.test_subscription_terms import QUARTER, RENEWS, YEAR, terms

README = (Path(schedule.__file__).parent / "README.md").read_text()
MARCH = date(2026, 3, 15)
"""The day of the changes."""


def euros(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):.2f}"


def require_rows(*rows: tuple[str, ...]) -> None:
    """Fail unless the README has these rows of a table."""
    written = [f"| {' | '.join(row)} |".replace("  ", " ") for row in rows]
    assert [row for row in written if row not in README] == []


def days_of(part: Part, until: date, period: Period) -> str:
    return f"{(until - part.start).days + 1} of {period.of}"


def test_the_worked_example_is_computed() -> None:
    first = date(2026, 1, 31)
    periods = list(islice(Grid.of(Interval(unit="month"), Anchor(day=31), first).periods(first), 3))
    require_rows(*((f"{one.start} to {one.end}", str(one.days)) for one in periods))
    period = periods[1]
    plan = change(billed(period, ("49.00", "1")), period, MARCH, ("99.00", "1"))
    seats = change(billed(period, ("12.00", "5")), period, MARCH, ("12.00", "8"))
    (old, new), (five, three) = plan.layers, seats.layers
    worth = [one.worth("EUR") for one in (old, new, five, three)]
    days, left = (days_of(old.parts[0], date(2026, 3, 14), period), days_of(new.parts[0], period.end, period))
    require_rows(
        ("plan 49.00, until 14 March", days, euros(worth[0]), euros(credit(plan)), ""),
        ("plan 99.00, from 15 March", left, euros(worth[1]), "", euros(charge(plan))),
        ("5 seats, the whole period", days_of(five.parts[0], period.end, period), euros(worth[2]), "0.00", ""),
        ("3 more seats, from 15 March", left, euros(worth[3]), "", euros(charge(seats))),
        ("Net", "", euros(sum(worth)), euros(credit(plan) + credit(seats)), euros(charge(plan) + charge(seats))),
    )
    to_pay = charge(plan) + charge(seats) - credit(plan) - credit(seats)
    assert f"The customer pays {euros(to_pay)} net for the change" in README
    assert f"next period begins on {periods[2].start.day} {periods[2].start:%B} as before" in README


def test_the_tiers_that_end_are_computed() -> None:
    period = Grid.of(Interval(unit="month"), Anchor(), date(2026, 3, 10)).period(date(2026, 3, 10))
    assert f"{(period.end - MARCH).days + 1} of {period.of} days left" in README
    for name, price, quantity, kept in (
        ("`units.1`: 10, then 8", "10.00", "10", 8),
        ("`units.2`: 2, then none", "8.00", "2", 0),
    ):
        [layer] = billed(period, (price, quantity))
        served = layer.cut(Decimal(0), MARCH, layer.billed, "EUR").layer.worth("EUR")
        cut = layer.cut(Decimal(kept), MARCH, layer.billed, "EUR")
        goes_on = cut.layer.worth("EUR") - served
        require_rows((name, euros(layer.billed), euros(served), euros(goes_on), euros(cut.amount)))


def test_the_ends_of_a_term_are_computed() -> None:
    agreed = terms(term=YEAR, notice=QUARTER, renewal=RENEWS)
    for arrived in (date(2026, 10, 31), date(2026, 11, 1)):
        end = earliest_end(agreed, date(2026, 2, 1), arrived)
        require_rows((f"the notice arrives on {arrived}", str(end)))


def test_the_periods_of_a_pause_are_computed() -> None:
    found, rows = subscription(date(2023, 1, 1), "UTC"), []
    for day in (date(2023, 1, 1), date(2023, 1, 15), date(2023, 4, 15), date(2023, 5, 1)):
        moment = Moment(Caller.system("ten_1"), datetime.combine(day, datetime.min.time(), UTC).replace(hour=12), "UTC")
        if day == date(2023, 1, 15):
            found = paused(found, PauseSubscription(), moment)
        if day == date(2023, 4, 15):
            found = resumed(found, bill=False, moment=moment)
        found, more = recorded(found, moment)
        rows += more
    ordered = sorted(rows, key=lambda row: row.start)
    for status, some in groupby(ordered, key=lambda row: row.status):
        held = list(some)
        dates = " and ".join(f"{one.start} to {one.end}" for one in held)
        require_rows(
            (
                ", ".join(f"{one.start:%B}" for one in held),
                f"billed, {dates}" if len(held) > 1 and status == "billed" else status,
            )
        )
    assert len(ordered) == 5


def test_the_bounds_are_those_of_the_code() -> None:
    text = " ".join(README.split())
    assert f"after more than {schedule.MOST_OPEN_PERIODS} past periods" in text
    assert f"at most {schedule.MOST_HELD_AT_ONCE} in a transaction" in text
