"""Shares of periods as lines of documents: the published examples P* that bill and take nothing back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoicing.catalogue.interval import Interval, IntervalUnit
from invoicing.core.errors import Invalid
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.pricing.line import LineContent, NewLine
from invoicing.pricing.share import Share
from invoicing.pricing.totals import totals
from invoicing.subscriptions.periods import Anchor, Grid, Period
from invoicing.subscriptions.shares import line_of_share


def price(amount: str, rate: str = "0", **fields: object) -> LineContent:
    tax = {"category": "S" if rate != "0" else "Z", "rate": rate}
    return LineContent.model_validate({"name": "Plan", "unit_price": amount, "tax": tax, **fields}, strict=False)


def period_from(start: str, unit: IntervalUnit = "month", last: str | None = None, **anchor: int) -> Period:
    first = date.fromisoformat(start)
    grid = Grid.of(Interval(unit=unit), Anchor(**anchor), first)
    return grid.period(first, date.fromisoformat(last) if last else None)


def billed(plan: LineContent, period: Period, quantity: str = "1") -> NewLine:
    share = Share(period.days, period.of)
    return line_of_share(plan, Decimal(quantity), share, (period.start, period.end), named)


def named(name: str, share: Share, quantity: Decimal) -> str:
    return f"{name}, {quantity} ×, {share.days} of {share.of} days"


def total(line: NewLine) -> str:
    return str(totals([line], NewInvoice(lines=(line,)), "EUR").total)


@pytest.mark.parametrize(
    ("row", "amount", "period", "expected"),
    [
        ("P01", "50.00", period_from("2026-08-10", day=1), "35.48"),
        ("P02", "100.00", period_from("2026-01-01", last="2026-01-14", day=1), "45.16"),
        ("P03", "200.00", period_from("2026-01-15", day=1), "109.68"),
        ("P05", "50000.00", period_from("2024-03-15", day=1), "27419.35"),
        ("P06", "100000.00", period_from("2024-03-18", day=1), "45161.29"),
        ("P12", "249.95", period_from("2016-05-01", day=15), "116.64"),
        ("P13", "249.95", period_from("2016-06-01", day=15), "112.88"),
        ("P16", "599.95", period_from("2016-05-05", day=1), "522.54"),
        ("P17", "599.95", period_from("2016-05-05", day=10), "99.99"),
        ("P19", "2399.95", period_from("2017-05-01", "year", day=10, month=5), "59.18"),
        ("P26", "50.00", period_from("2026-01-12", day=1), "32.26"),
        ("P28", "120.00", period_from("2023-09-28", "year", day=29, month=6), "90.16"),
        # The page rounds "half a month"; 16 of 30 days are counted, as the same vendor's P01 does.
        ("P34", "10.00", period_from("2022-04-15", day=1), "5.33"),
        # July has 31 days; the published 7.33 is 22 ÷ 30.
        ("P35", "10.00", period_from("2026-07-10", day=1), "7.10"),
    ],
)
def test_a_part_of_a_period_costs_its_days(row: str, amount: str, period: Period, expected: str) -> None:
    assert total(billed(price(amount), period)) == expected


def test_tax_is_added_to_the_rounded_line_p04() -> None:
    assert total(billed(price("50.00", "20"), period_from("2023-01-08", day=1))) == "46.45"


@pytest.mark.parametrize(
    ("row", "period", "expected"),
    [
        ("P08", period_from("2011-02-01", day=13), (12, 31)),
        ("P11", period_from("2012-02-01", last="2012-02-14", day=1), (14, 29)),
        # Kill Bill steps back from the clipped 28 February; the grid has the period 31 January to 27 February.
        ("P38", period_from("2011-02-14", day=31), (14, 28)),
        # Calendar days only, no months of 30 days.
        ("P39", period_from("2023-05-23", last="2023-06-14"), (23, 31)),
    ],
)
def test_a_share_is_days_of_the_full_period(row: str, period: Period, expected: tuple[int, int]) -> None:
    assert (period.days, period.of) == expected


def test_the_last_period_is_cut_at_the_end_p09() -> None:
    first = date(2010, 6, 17)
    periods = list(Grid.of(Interval(unit="month"), Anchor(day=17), first).periods(first, date(2010, 7, 24)))
    assert [(one.days, one.of) for one in periods] == [(30, 30), (8, 31)]


@pytest.mark.parametrize("lead_days", [0, 5, 60])
def test_a_full_period_costs_its_price_p32(lead_days: int) -> None:
    period = period_from("2026-06-16")
    assert total(billed(price("80.00"), period)) == "80.00"
    assert period.bill_day("advance", lead_days=lead_days) == date(2026, 6, 16) - timedelta(days=lead_days)


def test_a_part_names_the_quantity_and_the_days() -> None:
    line = billed(price("12.00", unit="H87"), period_from("2026-03-15", day=31), quantity="5")
    assert (line.name, line.unit) == ("Plan, 5 ×, 16 of 31 days", "DAY")
    assert (line.quantity, line.price_base_quantity, line.unit_price) == (Decimal(80), Decimal(31), Decimal("12.00"))
    assert line.period is not None
    assert (line.period.start, line.period.end) == (date(2026, 3, 15), date(2026, 3, 30))


def test_a_full_period_keeps_quantity_and_unit_of_the_price() -> None:
    line = billed(price("12.00", unit="H87", price_base_quantity="100"), period_from("2026-02-28"), quantity="250")
    assert (line.name, line.unit) == ("Plan", "H87")
    assert (line.quantity, line.price_base_quantity) == (Decimal(250), Decimal(100))
    assert total(line) == "30.00"


def test_a_quantity_too_long_to_be_read_is_refused() -> None:
    with pytest.raises(Invalid, match="at most 15 digits"):
        billed(price("0.0001"), period_from("2026-03-16", day=1), "999999999999999")
