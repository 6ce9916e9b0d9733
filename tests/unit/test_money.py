"""Rounding and splitting: exact, without losses."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core.currency import divide, split
from tests.unit.independent_totals import largest_remainder

INTS = st.integers(-(10**12), 10**12)


@given(INTS, INTS.filter(bool))
def test_a_quotient_is_the_nearest_whole_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    found = divide(numerator, denominator)
    assert abs(found - exact) <= Fraction(1, 2)
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)


@given(st.lists(INTS, min_size=1, max_size=40), st.integers(0, 10_000), st.integers(1, 10_000))
def test_parts_add_up_and_differ_by_less_than_a_unit(weights: list[int], numerator: int, denominator: int) -> None:
    total = divide(sum(weights) * numerator, denominator)
    parts = split(total, weights, numerator, denominator)
    assert sum(parts) == total
    for weight, part in zip(weights, parts, strict=True):
        assert abs(part - Fraction(weight * numerator, denominator)) < 1
    assert parts == largest_remainder(total, [Fraction(weight * numerator, denominator) for weight in weights])


def test_ties_go_to_the_first() -> None:
    assert split(100, [1, 1, 1], 100, 3) == [34, 33, 33]


@pytest.mark.parametrize("total", [1, 5, 7])
def test_a_total_other_than_the_sum_is_a_programming_error(total: int) -> None:
    with pytest.raises(ValueError, match="add up"):
        split(total, [1, 1], 1, 1)


def test_parts_of_a_return_are_split_like_those_of_a_sale() -> None:
    assert split(-100, [-1, -1, -1], 100, 3) == [-33, -33, -34]
    assert split(0, [5, -5], 1, 3) == [2, -2]
    assert split(100, [-1, -1, -1], 100, -3) == [34, 33, 33]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any), st.integers(0, 10**9))
def test_shares_are_not_negative_and_zero_weight_gets_zero(weights: list[int], total: int) -> None:
    parts = split(total, weights, total, sum(weights))
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(("numerator", "denominator"), [(5, -2), (-5, 2)])
def test_the_sign_may_be_in_numerator_or_denominator(numerator: int, denominator: int) -> None:
    assert divide(numerator, denominator) == -3
    assert divide(-numerator, denominator) == 3


@pytest.mark.parametrize(("numerator", "rounded"), [(-3, -2), (-1, -1), (0, 0), (1, 1), (3, 2)])
def test_a_half_goes_away_from_zero(numerator: int, rounded: int) -> None:
    assert divide(numerator, 2) == rounded
