"""An invoice becomes overdue by the tenant's own calendar, in every time zone, across all clock changes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invoicing.core.identity import Caller
from invoicing.core.ids import new_id
from invoicing.core.model import local_date
from invoicing.invoices.drafts.fields import SETTLEMENT
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.overdue import may_turn_overdue, overdue_depends_on_zone, turned_overdue
from tests.builders import NOON

ZONES = sorted(available_timezones())
HOUR = timedelta(hours=1)


def invoice(due_date: date | None, status: Status = Status.OPEN) -> InvoiceSummary:
    amounts: dict[str, Any] = dict.fromkeys(
        ("subtotal", "discount_amount", "shipping_cost", "tax", "total", *SETTLEMENT), Decimal("1.00")
    )
    return InvoiceSummary(
        id=new_id("inv", NOON), status=status, due_date=due_date, language="de", currency="EUR",
        created_at=NOON, updated_at=NOON, **amounts,
    )  # fmt: skip


def told_at(zone: str, due: date) -> list[datetime]:
    """The hours at which it is marked, of all hours around the due date."""
    caller, current = Caller.system("ten", zone), invoice(due)
    midnight = datetime(due.year, due.month, due.day, tzinfo=UTC)
    told = []
    for hour in range(-36, 4 * 24):
        at = midnight + hour * HOUR
        after = turned_overdue(current, caller.cached_today(at), at)
        if after is not None:
            told.append(at)
            current = after
    return told


def holds(zone: str, due: date) -> None:
    """Marked once: in the first hour after the end of the due date in the zone, on the next existing day."""
    [at] = told_at(zone, due)
    there = ZoneInfo(zone)
    assert (at - HOUR).astimezone(there).date() <= due
    next_day = due + timedelta(days=1)
    assert at.astimezone(there).date() == (next_day + timedelta(days=1) if _is_no_day(zone, next_day) else next_day)


def _is_no_day(zone: str, day: date) -> bool:
    """Whether the zone skipped this day: Samoa had no 30 December 2011."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date() != day


@pytest.mark.parametrize("zone", ZONES)
def test_in_each_zone_it_is_marked_once_on_the_day_after(zone: str) -> None:
    year = 2027
    for due in (date(year, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(year, 12, 31), date(year, 3, 27)):
        holds(zone, due)


@settings(max_examples=300)
@given(zone=st.sampled_from(ZONES), due=st.dates(date(1995, 1, 1), date(2037, 12, 31)))
@example(zone="Pacific/Apia", due=date(2011, 12, 29))
@example(zone="Pacific/Kiritimati", due=date(1994, 12, 30))
@example(zone="America/Sao_Paulo", due=date(2018, 11, 3))  # has no midnight on the 4th
@example(zone="Africa/Cairo", due=date(2024, 4, 25))
@example(zone="Asia/Kathmandu", due=date(2024, 2, 29))
@example(zone="Australia/Lord_Howe", due=date(2026, 4, 4))
def test_it_is_marked_once_on_any_day_in_any_zone(zone: str, due: date) -> None:
    holds(zone, due)


def test_it_is_marked_once_around_each_clock_change() -> None:
    for zone in ("Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe"):
        there = ZoneInfo(zone)
        days = [date(2026, 1, 1) + timedelta(days=number) for number in range(366)]
        offsets = [datetime(day.year, day.month, day.day, 12, tzinfo=there).utcoffset() for day in days]
        changes = [day for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after]
        assert len(changes) == 2
        for change in changes:
            for days_before in (0, 1, 2):
                holds(zone, change - timedelta(days=days_before))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OPEN])
def test_only_an_open_invoice_becomes_overdue(status: Status) -> None:
    assert turned_overdue(invoice(date(2026, 3, 1), status), date(2026, 4, 1), NOON) is None
    assert not may_turn_overdue(invoice(date(2026, 3, 1), status))


def test_an_invoice_without_a_due_date_is_never_overdue() -> None:
    assert not may_turn_overdue(invoice(None))


@settings(max_examples=300)
@given(hours=st.integers(-72, 72), zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)))
def test_the_zone_decides_wherever_two_zones_differ(hours: int, zones: tuple[str, str]) -> None:
    at, due = NOON + hours * HOUR, invoice(NOON.date())
    one, other = (due.shown(local_date(at, zone)).overdue for zone in zones)
    assert one == other or overdue_depends_on_zone(due, at)


@pytest.mark.parametrize("hours", [-48, 48])
def test_far_from_the_due_date_no_zone_decides(hours: int) -> None:
    assert not overdue_depends_on_zone(invoice(NOON.date()), NOON + hours * HOUR)
