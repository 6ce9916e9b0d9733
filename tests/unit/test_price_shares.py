"""Quantities whose price is that of a fraction, such as the days of a period."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from invoicing.pricing.share import is_statable, without_repeating_digits


def decimal(value: Fraction) -> Decimal:
    with localcontext(prec=60):
        return Decimal(value.numerator) / Decimal(value.denominator)


@pytest.mark.parametrize(
    ("base", "multiple", "whole"),
    [
        ("10/31", 31, "10"),
        ("1/3", 3, "1"),
        ("1/48", 3, "0.0625"),
        ("1/150", 3, "0.02"),
        ("7/3072", 3, "0.0068359375"),
        ("1/6144", 6144, "1"),
        ("1/12288", 12288, "1"),
        ("31/999999999989", 999999999989, "31"),
        ("1/4", 1, "0.25"),
    ],
)
def test_a_repeating_base_is_multiplied_until_it_can_be_stated(base: str, multiple: int, whole: str) -> None:
    found = without_repeating_digits(Decimal("2.5"), decimal(Fraction(base)))
    assert found == (Decimal("2.5") * multiple, Decimal(whole))


@pytest.mark.parametrize(
    ("number", "statable"),
    [("1", True), ("0.0000000001", True), ("0.00000000001", False), ("12.3456789012", True), ("1.00000000001", False)],
)
def test_ten_decimals_can_be_stated(number: str, statable: bool) -> None:
    assert is_statable(Decimal(number)) is statable
