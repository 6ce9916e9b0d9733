"""The shares of amounts in the tax rates of a document, exact to the cent."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.reports.facts.shares import NetAndTax, Parts, added, declared, gross, received, share

UNITS = st.integers(0, 20_000)
WHOLES = st.dictionaries(
    st.sampled_from([("S", Decimal(19)), ("S", Decimal(7)), ("S", Decimal("7.7")), ("E", Decimal(0))]),
    UNITS.map(lambda net: NetAndTax(net, net * 19 // 100)),
    min_size=1,
)
"""Documents by rate, with a net amount or none in each."""


@given(whole=WHOLES, data=st.data())
def test_shares_add_up_and_never_exceed_a_rate(whole: Parts, data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, gross(whole)))
    found = share(amount, whole)
    assert gross(found) == amount
    assert all(0 <= part.gross <= whole[rate].gross for rate, part in found.items())
    assert all(0 <= part.tax <= whole[rate].tax for rate, part in found.items())
    assert share(gross(whole), whole) == whole


@given(rest=WHOLES, credited=WHOLES, data=st.data())
def test_received_money_is_for_the_rest_then_for_credits(rest: Parts, credited: Parts, data: st.DataObject) -> None:
    asked, most = gross(rest), gross(rest) + gross(credited)
    money = data.draw(st.integers(0, most + 100))
    found = received(money, asked, rest, credited)
    assert gross(found) == min(money, most)
    if money == asked:
        assert found == added({}, rest)
    if money >= most:
        assert found == added(rest, credited)


@given(whole=WHOLES, money=st.integers(-500, 500))
def test_less_than_nothing_is_paid_back(whole: Parts, money: int) -> None:
    """A final invoice below its deposits asks for less than nothing."""
    rest = added({}, whole, -1)
    expected = 0 if money >= 0 or not gross(rest) else money
    assert gross(received(money, gross(rest), rest, {})) == expected


@given(rest=WHOLES, rounding=st.integers(-2, 2))
def test_a_rounded_amount_pays_everything(rest: Parts, rounding: int) -> None:
    assert received(gross(rest) + rounding, gross(rest) + rounding, rest, {}) == added({}, rest)


@given(whole=WHOLES, sign=st.sampled_from([1, -1]))
def test_declared_sums_are_rounded_once(whole: Parts, sign: int) -> None:
    signed = added({}, whole, sign)
    found = declared(signed, "EUR", Decimal("25.215"), "CZK")
    tax = sum(part.tax for part in signed.values())
    assert abs(sum(part.tax for part in found.values()) - Decimal(tax) * Decimal("25.215")) <= Decimal("0.5")
    assert declared(signed, "EUR", Decimal(1), "EUR") == dict(signed)
