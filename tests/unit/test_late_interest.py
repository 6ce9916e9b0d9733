"""Interest for late payment (Directive 2011/7/EU): simple, per day, exact until it is rounded once."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.tenants.late_interest import BaseRate, Open, late_interest

FIRST = date(2026, 1, 1)
RATES = (
    BaseRate(valid_from=date(2025, 7, 1), rate=Decimal("1.27")),
    BaseRate(valid_from=date(2026, 7, 1), rate=Decimal("-0.88")),
)
DAYS = st.integers(0, 400).map(lambda days: FIRST + timedelta(days=days))
RATE = st.decimals(min_value=-5, max_value=20, places=2)


def test_a_year_at_nine_points_above_the_base_rate() -> None:
    interest, stretches = late_interest(
        [Open(FIRST, Decimal("1000.00"))], RATES[:1], Decimal(9), "EUR", until=date(2026, 12, 31)
    )
    assert (interest, [(one.days, one.rate) for one in stretches]) == (Decimal("102.70"), [(365, Decimal("10.27"))])


def test_a_new_rate_applies_from_its_day_even_if_negative() -> None:
    interest, stretches = late_interest(
        [Open(date(2026, 6, 30), Decimal("36500.00"))], RATES, Decimal(9), "EUR", until=date(2026, 7, 2)
    )
    assert [(one.first, one.days, one.rate) for one in stretches] == [
        (date(2026, 6, 30), 1, Decimal("10.27")),
        (date(2026, 7, 1), 2, Decimal("8.12")),
    ]
    assert interest == Decimal("26.51")


def test_the_rate_is_never_negative() -> None:
    rates = [BaseRate(valid_from=FIRST, rate=Decimal(-10))]
    assert late_interest([Open(FIRST, Decimal("100.00"))], rates, Decimal(9), "EUR", until=date(2027, 1, 1))[0] == 0


@pytest.mark.parametrize(("currency", "amount", "expected"), [("JPY", "100000", "8"), ("BHD", "100.000", "0.008")])
def test_it_is_rounded_to_the_currencys_own_units(currency: str, amount: str, expected: str) -> None:
    rates = [BaseRate(valid_from=FIRST, rate=Decimal(0))]
    interest, _ = late_interest([Open(FIRST, Decimal(amount))], rates, Decimal(3), currency, until=FIRST)
    assert str(interest) == expected


@given(
    amounts=st.dictionaries(DAYS, st.decimals(min_value=0, max_value=99_999, places=2), min_size=1, max_size=6),
    rates=st.dictionaries(DAYS, RATE, max_size=5),
    points=st.decimals(min_value=0, max_value=12, places=2),
    until=DAYS,
)
def test_it_is_the_sum_of_the_interest_of_each_day(
    amounts: dict[date, Decimal], rates: dict[date, Decimal], points: Decimal, until: date
) -> None:
    """Compared with a calculation day by day."""
    expected, day = Fraction(), min(amounts)
    while day <= until:
        open_now = amounts[max(since for since in amounts if since <= day)]
        known = [since for since in rates if since <= day]
        if known:
            expected += Fraction(open_now) * max(Fraction(rates[max(known)] + points), Fraction()) / 36_500
        day += timedelta(days=1)
    table = [BaseRate(valid_from=since, rate=rate) for since, rate in rates.items()]
    history = [Open(since, amount) for since, amount in amounts.items()]
    interest, stretches = late_interest(history, table, points, "EUR", until=until)
    assert sum((one.exact for one in stretches), Fraction()) == expected * 100
    assert abs(Fraction(interest) - expected) <= Fraction(1, 200)
