"""Rounding and splitting: exact, and nothing gets lost."""

from decimal import Decimal
from fractions import Fraction

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.currency import EXPONENTS, from_minor, to_minor
from invoicing.domain.errors import Invalid
from invoicing.domain.money import divide, split

INTS = st.integers(-(10**12), 10**12)


@given(INTS, INTS.filter(bool))
def test_a_quotient_is_the_nearest_whole_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    found = divide(numerator, denominator)
    assert abs(found - exact) <= Fraction(1, 2)
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)


@given(st.lists(INTS, min_size=1, max_size=40), st.integers(0, 10_000), st.integers(1, 10_000))
def test_parts_add_up_and_none_is_a_unit_off(weights: list[int], numerator: int, denominator: int) -> None:
    total = divide(sum(weights) * numerator, denominator)
    parts = split(total, weights, numerator, denominator)
    assert sum(parts) == total
    for weight, part in zip(weights, parts, strict=True):
        assert abs(part - Fraction(weight * numerator, denominator)) <= 1


def test_ties_go_to_the_first() -> None:
    assert split(100, [1, 1, 1], 100, 3) == [34, 33, 33]


def test_a_total_that_is_not_the_sum_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="add up"):
        split(7, [1, 1], 1, 1)


@given(st.sampled_from(sorted(EXPONENTS)), st.integers(-(10**15), 10**15))
def test_minor_units_and_amounts_are_the_same_thing(code: str, units: int) -> None:
    amount = from_minor(units, code)
    assert to_minor(amount, code, pointer="/a") == units
    assert -int(amount.as_tuple().exponent) == EXPONENTS[code]


@pytest.mark.parametrize(
    ("text", "code"), [("1", "EUR"), ("1.0", "EUR"), ("1.000", "EUR"), ("1.0", "JPY"), ("1.00", "KWD")]
)
def test_an_amount_has_just_its_currencys_decimals(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        to_minor(Decimal(text), code, pointer="/amount")
    assert refused.value.errors[0].pointer == "/amount"


def test_exponents_are_those_that_babel_knows() -> None:
    """CLDR gives the digits in use, ISO 4217 the digits there are: these differ, and ISO is the contract's."""
    differing = {code for code, digits in EXPONENTS.items() if get_currency_precision(code) != digits}
    assert {code for code in differing if EXPONENTS[code] not in (2, 3)} <= {"UYW", "CLF", "ISK", "UGX"}
    assert all(get_currency_precision(code) == 0 for code in differing - {"UYW", "CLF"})
