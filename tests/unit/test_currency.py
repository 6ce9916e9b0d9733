"""Currencies and their minor units."""

from decimal import Decimal, localcontext

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core.currency import EXPONENTS, converted, exponent, from_minor, to_minor
from invoicing.core.errors import Invalid

# CLDR (in babel) has the decimals in use, ISO 4217 the defined ones. The contract follows ISO 4217.
CLDR_SHOWS_NO_DIGITS_OF = {
    *("AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"),
}
FUNDS_AND_SECOND_CODES = {"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "SVC", "USN", "UYI", "UYW", "VED", "XAD"}
WITHDRAWN_SINCE = {"BGN"}


def test_exponents_are_those_that_babel_knows_but_for_thirteen() -> None:
    differing = {
        code: get_currency_precision(code)
        for code, digits in EXPONENTS.items()
        if get_currency_precision(code) != digits
    }
    assert differing == dict.fromkeys(CLDR_SHOWS_NO_DIGITS_OF, 0)


def test_currencies_are_those_in_use_and_the_fund_codes() -> None:
    in_use = {
        code
        for currencies in get_global("territory_currencies").values()
        for code, _, until, tender in currencies
        if until is None and tender
    }
    assert set(EXPONENTS) - in_use == FUNDS_AND_SECOND_CODES
    assert in_use - set(EXPONENTS) == WITHDRAWN_SINCE


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "DEM", "eur", "EURO", ""])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        exponent(code)
    assert [error.pointer for error in refused.value.errors] == ["/currency"]


@pytest.mark.parametrize(
    ("units", "code", "text"),
    [
        (11900, "EUR", "119.00"),
        (119, "JPY", "119"),
        (1000, "KWD", "1.000"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1, "CLF", "0.0001"),
    ],
)
def test_an_amount_is_written_with_its_currencys_decimals(units: int, code: str, text: str) -> None:
    assert str(from_minor(units, code)) == text
    assert to_minor(Decimal(text), code, pointer="/a") == units


@given(st.sampled_from(sorted(EXPONENTS)), st.integers(-(10**19), 10**19))
def test_minor_units_and_amounts_agree_in_every_context(code: str, units: int) -> None:
    with localcontext() as context:
        context.prec = 2
        amount = from_minor(units, code)
        assert to_minor(amount, code, pointer="/a") == units
    assert amount.as_tuple().exponent == -EXPONENTS[code]


@pytest.mark.parametrize(
    ("text", "code"),
    [("1", "EUR"), ("1.0", "EUR"), ("1.000", "EUR"), ("1.0", "JPY"), ("1.00", "KWD"), ("1E+2", "JPY"), ("NaN", "EUR")],
)
def test_an_amount_has_exactly_the_decimals_of_its_currency(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        to_minor(Decimal(text), code, pointer="/amount")
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/amount", "VALIDATION_ERROR")]


@pytest.mark.parametrize(
    ("amount", "rate", "code", "result"),
    [
        ("19.00", "0.8512", "EUR", "16.17"),
        ("-19.00", "0.8512", "EUR", "-16.17"),
        ("0.01", "0.5", "EUR", "0.01"),
        ("19.00", "162.5", "JPY", "3088"),
        ("100", "0.0019", "KWD", "0.190"),
    ],
)
def test_a_converted_amount_is_rounded_half_away_from_zero(amount: str, rate: str, code: str, result: str) -> None:
    assert str(converted(Decimal(amount), Decimal(rate), code)) == result
