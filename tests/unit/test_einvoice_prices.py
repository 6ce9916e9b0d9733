"""Net prices for lines with another computation: quantity × price gives the net amount of any line."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invoicing.core.ids import new_id
from invoicing.documents.einvoice.adjustments import Borne, shares
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.pricing.allowances import Discount, LineAllowance, LineCharge
from invoicing.pricing.errors import DiscountExceedsAmount
from invoicing.pricing.line import Line, NewLine
from invoicing.pricing.net_prices import comes_to, near, price_of
from invoicing.pricing.tax import Tax
from invoicing.pricing.totals import totals
from tests.builders import NOON

ID = new_id("lin", NOON)


def line_of(currency: str = "EUR", *, inclusive: bool = True, net: str | None = None, **fields: Any) -> Line:
    """A line as it is stored."""
    new = NewLine(**{"name": "x", "tax": Tax(category="S", rate=Decimal(19)), **fields})
    found = totals([new], NewInvoice(price_tax_inclusive=inclusive), currency).lines[0]
    amounts = found._asdict() if net is None else {**found._asdict(), "net": Decimal(net)}
    return Line(**{**dict(new), "id": ID, "net_given": new.net is not None, **amounts})


def decimals(most: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(1, most * 10**places).map(lambda units: Decimal(units).scaleb(-places))


@settings(max_examples=300)
@given(
    quantity=st.integers(0, 10).flatmap(lambda places: decimals(10**6, places)),
    unit_price=st.integers(0, 10).flatmap(lambda places: decimals(10**4, places)),
    base=st.sampled_from([Decimal(1), Decimal(100), Decimal("0.3")]),
    percent=st.none() | decimals(100, 2),
    returned=st.booleans(),
    inclusive=st.booleans(),
    currency=st.sampled_from(["EUR", "JPY"]),
    off_by=st.sampled_from([0, 0, 1, -1]),
)
def test_price_and_quantity_give_the_net_amount(
    quantity: Decimal, unit_price: Decimal, base: Decimal, percent: Decimal | None, returned: bool,
    inclusive: bool, currency: str, off_by: int,
) -> None:  # fmt: skip
    try:
        line = line_of(
            currency,
            inclusive=inclusive,
            quantity=quantity,
            unit_price=unit_price,
            price_base_quantity=base,
            discount=Discount(percent=percent) if percent else None,
            allowances=(LineAllowance(percent=Decimal(3), reason="Skonto"),) if percent and percent < 90 else (),
            charges=(LineCharge(percent=Decimal("7.5"), reason="Express"),) if percent and percent < 50 else (),
        )
    except DiscountExceedsAmount:
        assume(False)
    if returned:
        line = line.model_copy(update={"quantity": -line.quantity, "net": -line.net})
    line = line.model_copy(update={"net": line.net + off_by * Decimal(1 if currency == "JPY" else "0.01")})
    price = price_of(line, currency, inclusive=inclusive)
    exact = Fraction(line.quantity) * Fraction(price.net) / Fraction(price.base_quantity)
    assert price.net >= 0 < price.base_quantity
    assert abs(exact - Fraction(price.before)) <= Fraction(1, 200)
    assert price.before - sum(part.amount for part in price.parts) == line.net


@pytest.mark.parametrize(
    ("given", "price", "base"),
    [
        ({"quantity": Decimal(3), "unit_price": Decimal("9.99")}, "8.393", "1"),
        ({"quantity": Decimal(3), "unit_price": Decimal("9.98")}, "8.387", "1"),
        ({"quantity": Decimal(1), "unit_price": Decimal("119.00")}, "100", "1"),
        # Not the quotient, which is 1.015.
        ({"quantity": Decimal(2), "unit_price": Decimal("1.21")}, "1.017", "1"),
        ({"quantity": Decimal(700), "unit_price": Decimal("1.19"), "price_base_quantity": Decimal(100)}, "1", "100"),
        ({"quantity": Decimal(77_777_771), "unit_price": Decimal("0.37")}, "0.3109243698", "1"),
        ({"quantity": Decimal(10**9), "unit_price": Decimal("0.0000001")}, "84.03", str(10**9)),
        ({"quantity": Decimal(300), "unit_price": Decimal("1.00"), "price_base_quantity": Decimal(100)}, "0.84", "100"),
        (
            {
                "quantity": Decimal(300),
                "unit_price": Decimal("1.00"),
                "price_base_quantity": Decimal(100),
                "net": "2.53",
            },
            "0.843",
            "100",
        ),
    ],
)
def test_the_price_is_the_simplest_one(given: dict[str, Any], price: str, base: str) -> None:
    found = price_of(line_of(**given), "EUR", inclusive=True)
    assert (found.net, found.base_quantity) == (Decimal(price), Decimal(base))


def test_a_listed_net_price_stays_as_it_is() -> None:
    line = line_of(inclusive=False, quantity=Decimal(7), unit_price=Decimal("0.123456"))
    assert price_of(line, "EUR", inclusive=False).net == Decimal("0.123456")


@pytest.mark.parametrize(
    ("entries", "parts"),
    [
        ({"allowances": (LineAllowance(amount=Decimal("11.90")),)}, ["10.00"]),
        ({"allowances": (LineAllowance(percent=Decimal(10)),)}, ["10.00"]),
        ({"charges": (LineCharge(amount=Decimal("23.80")),)}, ["-20.00"]),
        ({"discount": Discount(percent=Decimal(5)), "charges": (LineCharge(percent=Decimal(10)),)}, ["5.00", "-10.00"]),
        ({"allowances": (LineAllowance(amount=Decimal("0.00")),)}, ["0.00"]),
    ],
)
def test_parts_of_a_line_with_tax_are_net(entries: dict[str, Any], parts: list[str]) -> None:
    line = line_of(unit_price=Decimal("119.00"), **entries)
    sold = price_of(line, "EUR", inclusive=True)
    assert (str(sold.net), str(sold.before)) == ("100", "100.00")
    assert [str(part.amount) for part in sold.parts] == parts
    back = price_of(line.model_copy(update={"quantity": -line.quantity, "net": -line.net}), "EUR", inclusive=True)
    assert (back.net, back.before) == (sold.net, -sold.before)
    assert [part.amount for part in back.parts] == [-part.amount for part in sold.parts]


def test_a_line_of_nothing_has_its_amounts_beside_the_price() -> None:
    nothing: dict[str, Any] = {"quantity": Decimal(0), "unit_price": Decimal("119.00")}
    charged = price_of(line_of(**nothing, charges=(LineCharge(amount=Decimal("23.80")),)), "EUR", inclusive=True)
    [part] = charged.parts
    assert (str(charged.before), part.entry and part.entry.at, str(part.amount)) == ("0.00", "charges/0", "-20.00")
    cent = price_of(line_of(**nothing).model_copy(update={"net": Decimal("0.01")}), "EUR", inclusive=True)
    assert (str(cent.before), [(part.entry, str(part.amount)) for part in cent.parts]) == ("0.00", [(None, "-0.01")])


@pytest.mark.parametrize(
    ("discount", "gross", "off"), [("11.90", "110", "10"), (None, "100", None), ("0.01", "100.01", "0.01")]
)
def test_a_gross_price_and_its_discount_are_net(discount: str | None, gross: str, off: str | None) -> None:
    price, less = Decimal("119.00"), Decimal(discount or 0)
    given: dict[str, Any] = {"gross_price": price + less}
    given |= {"price_discount": less} if discount else {}
    found = price_of(line_of(unit_price=price, **given), "EUR", inclusive=True)
    assert (str(found.gross), found.discount and str(found.discount)) == (gross, off)


def test_a_discount_has_the_decimals_of_the_net_price() -> None:
    given: dict[str, Any] = {"gross_price": Decimal("11.00"), "price_discount": Decimal("1.01")}
    found = price_of(line_of(quantity=Decimal(3), unit_price=Decimal("9.99"), **given), "EUR", inclusive=True)
    assert (str(found.net), str(found.gross), str(found.discount)) == ("8.393", "9.242", "0.849")


def test_a_discount_has_the_decimals_of_the_gross_price() -> None:
    given: dict[str, Any] = {"gross_price": Decimal("10.125"), "price_discount": Decimal("0.125")}
    found = price_of(line_of(inclusive=False, unit_price=Decimal(10), **given), "EUR", inclusive=False)
    assert (str(found.net), str(found.gross), str(found.discount)) == ("10", "10.125", "0.125")


def test_a_price_that_is_not_the_listed_one_has_no_gross_price() -> None:
    given: dict[str, Any] = {"gross_price": Decimal("110.00"), "price_discount": Decimal("10.00")}
    line = line_of(inclusive=False, unit_price=Decimal("100.00"), **given)
    assert price_of(line, "EUR", inclusive=False).gross == Decimal(110)
    less = line.model_copy(update={"net": Decimal("99.99")})
    found = price_of(less, "EUR", inclusive=False)
    assert (found.net, found.gross, found.discount) == (Decimal("99.99"), None, None)


@pytest.mark.parametrize(
    ("percent", "amount", "exact", "close"),
    [
        ("10", "10.00", True, True),
        ("10", "10.02", False, True),
        ("10", "9.98", False, True),
        ("9.98", "10.00", False, True),
        ("9.9799", "10.00", False, False),
        ("10", "10.03", False, False),
        ("10", "9.97", False, False),
        (None, "10.00", False, False),
        ("0", "0.00", False, True),
    ],
)
def test_an_amount_is_its_percentage_or_near_it(percent: str | None, amount: str, *, exact: bool, close: bool) -> None:
    rate = None if percent is None else Decimal(percent)
    assert (comes_to(rate, Decimal("100.00"), Decimal(amount)), near(rate, Decimal("100.00"), Decimal(amount))) == (
        exact,
        close,
    )


@pytest.mark.parametrize(("amount", "close"), [("3.35", False), ("3.36", True), ("3.39", True), ("3.40", False)])
def test_an_amount_is_near_the_percentage_of_any_base(amount: str, *, close: bool) -> None:
    assert near(Decimal("7.5"), Decimal("44.95"), Decimal(amount)) is close


def test_a_part_that_rounds_to_nothing_is_none() -> None:
    line = line_of(unit_price=Decimal("1.00"), discount=Discount(percent=Decimal("0.01")))
    assert price_of(line, "EUR", inclusive=True).parts == ()


def test_a_line_without_charge_keeps_its_base_quantity() -> None:
    free = line_of(unit_price=Decimal("0.00"), price_base_quantity=Decimal(100))
    found = price_of(free, "EUR", inclusive=True)
    assert (found.net, found.base_quantity, found.parts) == (Decimal(0), Decimal(100), ())


@settings(max_examples=300)
@given(
    parts=st.lists(
        st.tuples(
            st.lists(st.integers(0, 500), min_size=2, max_size=2),
            st.lists(st.integers(0, 500), min_size=2, max_size=2),
            st.integers(-3, 3),
        ),
        min_size=1,
        max_size=5,
    ),
    more=st.integers(-2, 2),
)
def test_allowances_and_charges_of_each_rate_add_up(parts: list[tuple[list[int], list[int], int]], more: int) -> None:
    """Also if the document's sums differ by cents from the sums of its entries."""
    beyond = [Decimal(sum(on) - sum(off) + cents).scaleb(-2) for off, on, cents in parts]
    cost = sum(sum(on) for _, on, _ in parts)
    wanted = max(min(cost + more, cost + sum(max(0, one) for _, _, one in parts)), cost)
    borne = shares(beyond, [Borne(off, on) for off, on, _ in parts], Decimal(wanted).scaleb(-2), "EUR")
    assert [Decimal(sum(one.on) - sum(one.off)).scaleb(-2) for one in borne] == beyond
    assert sum(sum(one.on) for one in borne) == wanted
    if not more and not any(cents for _, _, cents in parts):
        assert borne == [Borne(off, on) for off, on, _ in parts]
