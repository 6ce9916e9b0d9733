"""Levels of dunning are reached by the tenant's own calendar, in every time zone, across all clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.step import Debtor, prospect
from tests import builders
from tests.builders import NOON, rule_json
from tests.unit.test_overdue import HOUR, ZONES, invoice

FIRST, SECOND = timedelta(days=1), timedelta(days=2)
RULES = [
    DunningRule(id=new_id("dru", NOON), created_at=NOON, updated_at=NOON, **rule_json(level=level, **days))
    for level, days in enumerate(
        [{"days_overdue": FIRST.days, "due_in_days": 1}, {"days_overdue": SECOND.days, "due_in_days": 1}], 1
    )
]
COMPANY = builders.tenant()


def hours_around(due: date) -> list[datetime]:
    """From before the due date has begun anywhere until both levels are reached everywhere."""
    midnight = datetime(due.year, due.month, due.day, tzinfo=UTC)
    return [midnight + number * HOUR for number in range(-16, 6 * 24)]


def reached_at(zone: str, due: date) -> list[tuple[int, datetime]]:
    """The level that is reached in each hour, if each hour is processed three times."""
    caller, current = Caller.system(COMPANY.id, zone), invoice(due)
    reached = []
    for at in hours_around(due):
        for _ in range(3):
            step, obstacle = prospect(
                current, RULES, Debtor(None), tenant=COMPANY, payments=(), today=caller.cached_today(at)
            )
            if step is None or obstacle is not None:
                break
            document, current = DunningDocument.of(
                new_id("ddo", at), "1", current, step, moment=Moment(caller, at, "UTC")
            )
            reached.append((document.level, at))
    return reached


def holds(zone: str, due: date) -> None:
    """Each level once, in order, in the first hour of its day in the zone."""
    there = ZoneInfo(zone)
    (first, at_first), (second, at_second) = reached_at(zone, due)
    assert (first, second) == (1, 2)
    begun = {at: at.astimezone(there).date() for at in hours_around(due)}
    for at, day in ((at_first, due + FIRST), (at_second, begun[at_first] + SECOND)):
        # A skipped day, such as 30 December 2011 in Samoa, is replaced by the next one.
        assert at == next(hour for before, hour in pairwise(begun) if begun[before] < day <= begun[hour])


def test_levels_are_reached_once_across_calendar_edges() -> None:
    for zone in ZONES:
        for due in (date(2028, 2, 27), date(2026, 3, 27)):
            holds(zone, due)


@settings(max_examples=100)
@given(zone=st.sampled_from(ZONES), due=st.dates(date(1995, 1, 1), date(2037, 12, 31)))
@example(zone="Pacific/Apia", due=date(2011, 12, 29))
@example(zone="Pacific/Apia", due=date(2011, 12, 27))
@example(zone="America/Sao_Paulo", due=date(2018, 11, 3))  # has no midnight on the 4th
@example(zone="Africa/Cairo", due=date(2024, 4, 25))
@example(zone="Asia/Kathmandu", due=date(2024, 2, 29))
@example(zone="Australia/Lord_Howe", due=date(2026, 4, 2))
@example(zone="Pacific/Kiritimati", due=date(2026, 12, 31))
def test_levels_are_reached_once_on_any_day_in_any_zone(zone: str, due: date) -> None:
    holds(zone, due)
