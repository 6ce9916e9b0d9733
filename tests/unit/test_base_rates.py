"""Base rates: the published ones of § 247 BGB, a company's own rates, and none beyond the known period."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from invoicing.tenants.base_rates import PUBLISHED, BaseRates, base_rates
from invoicing.tenants.late_interest import BaseRate, Open, late_interest

OWN = BaseRate(valid_from=date(2026, 7, 1), rate=Decimal("1.50"))


def rate_on(known: BaseRates, day: date) -> Decimal:
    return max((one for one in known.rates if one.valid_from <= day), key=lambda one: one.valid_from).rate


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2016, 6, 30), "-0.83"),
        (date(2022, 12, 31), "-0.88"),
        (date(2023, 1, 1), "1.62"),
        (date(2023, 12, 31), "3.12"),
        (date(2024, 6, 30), "3.62"),
        (date(2024, 12, 31), "3.37"),
        (date(2025, 6, 30), "2.27"),
        (date(2026, 1, 1), "1.27"),
    ],
)
def test_german_rates_are_those_of_the_bundesbank(day: date, rate: str) -> None:
    assert rate_on(base_rates("DE", ()), day) == Decimal(rate)


@pytest.mark.parametrize("country", PUBLISHED)
def test_published_rates_change_on_half_years_and_end_with_one(country: str) -> None:
    rates, until = PUBLISHED[country]
    starts = [one.valid_from for one in rates]
    assert all(before < after for before, after in pairwise(starts))
    assert {(day.month, day.day) for day in [*starts, until + timedelta(days=1)]} <= {(1, 1), (7, 1)}


def test_no_rate_is_known_after_the_published_half_years() -> None:
    known = base_rates("DE", ())
    assert known.until
    assert known.cover(date(2025, 1, 1), known.until)
    assert not known.cover(date(2025, 1, 1), known.until + timedelta(days=1))
    assert not known.cover(date(2015, 12, 31), known.until)


def test_own_rates_continue_the_published_ones() -> None:
    known = base_rates("DE", [OWN])
    assert known.cover(date(2025, 1, 1), date(2040, 1, 1))
    assert [rate_on(known, day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [Decimal("1.27"), Decimal("1.50")]


def test_own_rates_replace_published_ones_from_their_first_day() -> None:
    early = BaseRate(valid_from=date(2024, 1, 1), rate=Decimal("9"))
    known = base_rates("DE", [OWN, early])
    assert [rate_on(known, date(2023, 12, 31)), rate_on(known, date(2025, 3, 1))] == [Decimal("3.12"), Decimal("9")]


@pytest.mark.parametrize("country", ["FR", None])
def test_other_countries_have_own_rates_only(country: str | None) -> None:
    assert not base_rates(country, ()).cover(date(2026, 1, 1), date(2026, 1, 1))
    assert base_rates(country, [OWN]).cover(OWN.valid_from, OWN.valid_from)


def test_interest_is_split_where_the_published_rate_changes() -> None:
    known = base_rates("DE", ())
    amount = [Open(date(2024, 12, 22), Decimal("1000.00"))]
    interest, periods = late_interest(amount, known.rates, Decimal(9), "EUR", until=date(2025, 1, 10))
    # 1000.00 × (12.37 % × 10 + 11.27 % × 10) ÷ 365 = 6.4767
    assert (interest, [(one.days, one.rate) for one in periods]) == (
        Decimal("6.48"),
        [(10, Decimal("12.37")), (10, Decimal("11.27"))],
    )
