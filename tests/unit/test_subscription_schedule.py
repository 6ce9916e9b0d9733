"""When periods are due: by the tenant's date and hour, once, in every time zone and at both clock changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice, pairwise
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoicing.catalogue.interval import Interval
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.pricing.share import Share
from invoicing.subscriptions.billing.bills import Bill, bill
from invoicing.subscriptions.errors import TooManyPeriods
from invoicing.subscriptions.model import NewSubscription, Subscription
from invoicing.subscriptions.periods import Anchor, Grid
from invoicing.subscriptions.prices import NO_PRICES
from invoicing.subscriptions.schedule import created, dues_at
from tests.builders import NOON, item_json, tenant

ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Kyiv", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo",
    "America/St_Johns", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland", "Africa/Cairo",
)  # fmt: skip
COMPANY = tenant()
BUYER = Customer.model_validate_json(
    Customer(
        name="Süß", id=new_id("cus", NOON), created_at=NOON, updated_at=NOON, created_by=None, updated_by=None
    ).model_dump_json()
)


def subscription(today: date, zone: str = "Europe/Berlin", **fields: Any) -> Subscription:
    prices = fields.pop("prices", NO_PRICES)
    body = {"customer_id": BUYER.id, "items": [item_json("Wartung", "49.00")], **fields}
    at = datetime.combine(today, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    moment = Moment(Caller.system(COMPANY.id), at, zone)
    company = COMPANY.model_copy(update={"time_zone": zone})
    data = NewSubscription.model_validate(body, strict=False)
    return created(new_id("sub", NOON), data, customer=BUYER, tenant=company, moment=moment, prices=prices)


def bills_at(found: Subscription, now: datetime, zone: str) -> Iterator[Bill]:
    """The bills of all that is due at a moment, oldest first, as the service makes them."""
    local, moment = now.astimezone(ZoneInfo(zone)), Moment(Caller.system(COMPANY.id), now, zone)
    company = COMPANY.model_copy(update={"time_zone": zone})
    while dues := dues_at(found, local):
        yield (made := bill(found, dues, new_id("inv", now), customer=BUYER, tenant=company, moment=moment))
        found = made.subscription


def billed_at(found: Subscription, now: datetime, zone: str) -> tuple[Subscription, list[str]]:
    """The subscription after all that is due at a moment is billed, and the periods of the bills."""
    bills = list(bills_at(found, now, zone))
    return (bills[-1].subscription if bills else found), [row.id for one in bills for row in one.periods]


def clock_changes(zone: str) -> list[date]:
    """The days of 2026 on which the clocks change; one day for zones without changes."""
    noons = [datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=day) for day in range(360)]
    changes = [two.date() for one, two in pairwise(noons) if one.utcoffset() != two.utcoffset()]
    return changes or [date(2026, 3, 29)]


def check_each_day_once(zone: str, change: date, hour: int) -> None:
    """A daily subscription is billed once a day around a clock change, at its hour or the one after it."""
    first = change - timedelta(days=1)
    found = subscription(first, zone, hour=hour, items=[item_json("Tag", "1.00", interval={"unit": "day"})])
    now = datetime.combine(first, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    seen: list[tuple[str, datetime]] = []
    while (local := now.astimezone(ZoneInfo(zone))).date() <= change + timedelta(days=1):
        found, periods = billed_at(found, now, zone)
        seen += [(one, local) for one in periods]
        now += timedelta(hours=1)
    assert [one for one, _ in seen] == [f"1d-advance.{first + timedelta(days=day)}" for day in range(3)]
    for period, at in seen:
        assert period.endswith(at.date().isoformat())
        # Where the clocks skip the hour, the next one bills.
        assert at.hour - hour in (0, 1)


@pytest.mark.parametrize("zone", ZONES)
def test_hours_at_clock_changes_bill_each_day_once(zone: str) -> None:
    for change in clock_changes(zone):
        for hour in (0, 2, 23):
            check_each_day_once(zone, change, hour)


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_bills_each_day_once(zone: str) -> None:
    for change in clock_changes(zone):
        for hour in range(24):
            check_each_day_once(zone, change, hour)


@settings(max_examples=15, deadline=None)
@given(late=st.integers(0, 80), unit=st.sampled_from(["week", "month"]), anchor=st.integers(1, 31))
def test_a_late_run_moves_no_later_period(late: int, unit: str, anchor: int) -> None:
    today = date(2026, 3, 10)
    item = item_json("Wartung", "49.00", interval={"unit": unit})
    anchored = {"day": anchor} if unit == "month" else {"weekday": anchor % 7 + 1}
    first = subscription(today, items=[item], anchor=anchored)
    punctual = late_one = first
    runs = [datetime(2026, 3, 10, 12, tzinfo=UTC) + timedelta(days=day) for day in range(late + 1)]
    periods: list[str] = []
    for now in runs:
        punctual, more = billed_at(punctual, now, "Europe/Berlin")
        periods += more
    late_one, together = billed_at(late_one, runs[-1], "Europe/Berlin")
    assert periods == together
    assert late_one.tracks == punctual.tracks


def test_items_start_and_end_within_their_track() -> None:
    items = [
        item_json("Wartung", "31.00"),
        item_json("Zusatz", "31.00", start_date="2026-03-20", end_date="2026-04-10"),
        item_json("Einrichtung", "10.00", once=True),
    ]
    found = subscription(date(2026, 3, 10), items=items, anchor={"day": 1}, start_date="2026-03-10")
    names = []
    for now in (datetime(2026, 3, 10, 12, tzinfo=UTC), datetime(2026, 4, 1, 12, tzinfo=UTC)):
        made = bill(
            found,
            dues_at(found, now),
            new_id("inv", now),
            customer=BUYER,
            tenant=COMPANY,
            moment=Moment(Caller.system(COMPANY.id), now, "Europe/Berlin"),
        )
        found = made.subscription
        assert made.draft
        names.append([(line.name, str(line.net)) for line in made.draft.lines])
    assert names == [
        [
            ("Wartung, 1 ×, 22 von 31 Tagen", "22.00"),
            ("Zusatz, 1 ×, 12 von 31 Tagen", "12.00"),
            ("Einrichtung", "10.00"),
        ],
        [("Wartung", "31.00"), ("Zusatz, 1 ×, 10 von 30 Tagen", "10.33")],
    ]


@pytest.mark.parametrize(("first", "expected"), [("prorate", "22.00"), ("full", "31.00")])
def test_the_first_part_is_billed_as_agreed(first: str, expected: str) -> None:
    items = [item_json("Wartung", "31.00", first=first)]
    found = subscription(date(2026, 3, 10), items=items, anchor={"day": 1})
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    made = bill(
        found,
        dues_at(found, now),
        new_id("inv", now),
        customer=BUYER,
        tenant=COMPANY,
        moment=Moment(Caller.system(COMPANY.id), now, "Europe/Berlin"),
    )
    assert made.draft
    assert str(made.draft.subtotal) == expected


@pytest.mark.parametrize("first", ["prorate", "full", "free"])
def test_an_early_end_is_no_partial_first_period(first: str) -> None:
    items = [item_json("Wartung", "31.00", first=first, end_date="2026-03-15")]
    found = subscription(date(2026, 3, 1), items=items)
    [alone] = found.items
    [due] = dues_at(found, datetime(2026, 3, 1, 12, tzinfo=UTC))
    beside = due.period._replace(end=date(2026, 3, 31))
    first_day = found.first_billed_day
    assert alone.share_of(due.period, first_day) == alone.share_of(beside, first_day) == Share(15, 31)


PAST = {-13: "2025-02-28", -1: "2026-02-28", 0: "2026-03-31", 1: "2026-04-30"}
"""First days some months before and after 31 March 2026."""


@pytest.mark.parametrize("anchor", [None, 1])
@pytest.mark.parametrize("catch_up", ["bill", "none"])
@pytest.mark.parametrize("months", PAST)
def test_a_start_in_the_past_bills_each_period_once(months: int, catch_up: str, anchor: int | None) -> None:
    """Hazard 8: past periods are billed if the client wants it, and each period costs its days, however early."""
    today, start = date(2026, 3, 31), date.fromisoformat(PAST[months])
    fields: dict[str, Any] = {"start_date": start, "catch_up": catch_up, "anchor": {"day": anchor}}
    if (months, catch_up) == (-13, "bill"):
        with pytest.raises(TooManyPeriods):
            subscription(today, **fields)
        return
    for lead_days in range(0, 61, 5):
        found = subscription(today, lead_days=lead_days, **fields)
        bills = list(bills_at(found, datetime(2026, 3, 31, 12, tzinfo=UTC), "Europe/Berlin"))
        grid = Grid.of(Interval(unit="month"), Anchor(day=anchor), start).periods(start)
        last = today + timedelta(days=lead_days)
        due = [one for one in islice(grid, 20) if one.start <= last]
        wanted = [one for one in due if catch_up == "bill" or one.end >= today]
        rows = [row for one in bills for row in one.periods]
        assert [(row.start, row.end) for row in rows] == [(one.start, one.end) for one in wanted]
        shares = [Fraction(item.days, item.of) for row in rows for item in row.items]
        assert shares == [Fraction(one.days, one.of) for one in wanted]
        assert all(0 < share <= 1 for share in shares)
        nets = [item.net for row in rows for item in row.items]
        assert nets == [rounded(49 * share) for share in shares]


def rounded(amount: Fraction) -> Decimal:
    return Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)
