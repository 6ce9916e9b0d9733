"""The amounts of a credit, against the same laws in fractions: see `invoicing.settlement.credit`."""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from invoicing.pricing.tax import Tax
from invoicing.pricing.totals import Group
from invoicing.settlement.credit import Credit, CreditedPart, Rate, all_left, by_amount, by_lines, rates_of, shares_of
from invoicing.settlement.errors import CreditExceedsInvoice
from tests.builders import line_json
from tests.unit.credits import issued
from tests.unit.independent_totals import rounded

RATE = Fraction(125, 10)
UNCREDITED = issued({"currency": "EUR", "lines": [line_json()]})


def rate(net: int, tax: int, net_so_far: int = 0, tax_so_far: int = 0) -> Rate:
    """A rate of 12.5 % with these sums and credits."""
    group = Group(Tax(category="S", rate=Decimal("12.5")))
    group.nets, group.taxes = [net], [tax]
    found = Rate(group, UNCREDITED, ())
    found.net_so_far, found.tax_so_far = net_so_far, tax_so_far
    return found


def within(part: int, whole: int) -> bool:
    """Whether a part has the sign of the whole and is smaller."""
    return min(0, whole) <= part <= max(0, whole) and part != whole


def clamped(value: int, one: int, other: int) -> int:
    return sorted((value, one, other))[1]


WHOLES = list(product((-3000, -1, 0, 1, 4000), (-375, -1, 0, 1, 500)))
SO_FAR = [(0, 0), (-1, 0), (0, 1), (2000, 250), (-1500, -187)]
CREDITS = (-9000, -3000, -1500, -2, -1, 0, 1, 2, 1999, 2000, 4000, 4001, 90_000)


@pytest.mark.parametrize(("net", "tax"), WHOLES)
def test_tax_so_far_is_the_share_of_the_net_so_far(net: int, tax: int) -> None:
    for (net_before, tax_before), credit in product(SO_FAR, CREDITS):
        so_far = net_before + credit
        if so_far == net:
            whole = tax
        elif within(so_far, net):
            whole = rounded(Fraction(tax * so_far, net))
        else:
            whole = rounded(so_far * RATE / 100)
        expected = whole - tax_before
        if expected * credit < 0:
            expected = 0
        found = rate(net, tax, net_before, tax_before).by_net(credit)
        assert found == (credit, expected), (net, tax, net_before, tax_before, credit)


@pytest.mark.parametrize(("net", "tax"), WHOLES)
def test_tax_so_far_is_the_share_of_the_gross_so_far(net: int, tax: int) -> None:
    for (net_before, tax_before), credit in product(SO_FAR, CREDITS):
        so_far, whole = net_before + tax_before + credit, net + tax
        if so_far == whole:
            taxed = tax
        elif within(so_far, whole):
            taxed = clamped(rounded(Fraction(tax * so_far, whole)), tax_before, tax)
        else:
            taxed = so_far - rounded(so_far / (1 + RATE / 100))
        left = so_far - taxed
        if within(so_far, whole) or so_far == whole or not whole:
            left = clamped(left, net_before, net)
        found = rate(net, tax, net_before, tax_before).by_gross(credit)
        assert found == (left - net_before, so_far - left - tax_before), (net, tax, net_before, tax_before, credit)


def test_discount_so_far_is_the_share_of_the_lines_so_far() -> None:
    for amount, discount, before, credited, lines in product(
        (-7, 0, 9), (0, 4), (0, 1, 3), (0, 2, 5), (-3, 0, 1, 4, 9)
    ):
        found = rate(0, 0)
        found.group.amounts, found.group.allowances = [amount], [discount]
        found.credited, found.discount = {"lin": credited}, before
        expected = 0
        if amount and lines:
            so_far = rounded(Fraction(discount * (credited + lines), amount))
            expected = min(max(so_far, before), discount) - before
        assert found.share_of_discount(lines) == expected, (amount, discount, before, credited, lines)


def test_the_rest_is_the_whole_less_the_credits() -> None:
    found = rate(1000, 125, 300, 38)
    found.group.amounts, found.group.allowances, found.group.charges = [700, 500], [250], [50]
    found.credited, found.discount, found.shipping = {"a": 200, "b": 100}, 60, 20
    assert (found.left, found.parts_left) == (787, [500, 400, -190, 30])
    [credit] = all_left([found])
    assert (credit.lines, credit.discount, credit.shipping) == ([500, 400], 190, 30)
    assert (credit.net, credit.tax, credit.gross, credit.base) == (700, 87, 787, 740)


def lines(*given: dict[str, Any], **values: Any) -> tuple[Any, list[Rate]]:
    invoice = issued({"currency": "EUR", "lines": [line_json(**line) for line in given], **values})
    return invoice, rates_of(invoice, ())


def share(line: dict[str, Any], credited: dict[str, Any], **values: Any) -> tuple[int, Decimal | None]:
    """The credit of this part of the first of two lines, of which `credited` is credited."""
    invoice, [found] = lines(line, {"unit_price": "500.00"})
    id_ = invoice.lines[0].id
    found.credited[id_] = credited.get("amount", 0)
    found.by_quantity[id_] = credited.get("by_quantity", 0)
    found.quantity[id_] = Decimal(credited.get("quantity", 0))
    part = CreditedPart.model_validate({"line_id": id_, **values}, strict=False)
    return shares_of(invoice, [found], [part])[id_]


THIRDS = {"quantity": "3", "unit_price": "10.00"}
TAKEN_BACK = {"quantity": "-2", "unit_price": "10.00"}


@pytest.mark.parametrize(
    ("line", "credited", "asked", "expected"),
    [
        (THIRDS, {}, {"amount": "0.01"}, (1, None)),
        ({"quantity": "1", "unit_price": "0.01"}, {}, {"amount": "0.01"}, (1, None)),
        (THIRDS, {"amount": 1000}, {"amount": "20.00"}, (2000, None)),
        (TAKEN_BACK, {}, {"amount": "3.00"}, (-300, None)),
        (THIRDS, {}, {}, (3000, Decimal(3))),
        (THIRDS, {"amount": 3000, "quantity": 3}, {}, (0, None)),
        (THIRDS, {"amount": 100}, {}, (2900, Decimal(3))),
        (THIRDS, {"amount": 1000, "quantity": 4}, {}, (2000, None)),
        (THIRDS, {}, {"quantity": "0.5"}, (500, Decimal("0.5"))),
        (THIRDS, {}, {"quantity": "3"}, (3000, Decimal(3))),
        (THIRDS, {"amount": 1000, "by_quantity": 1000, "quantity": 1}, {"quantity": "0.1"}, (100, Decimal("0.1"))),
        (THIRDS, {"amount": 2000, "by_quantity": 2000, "quantity": 2}, {"quantity": "1"}, (1000, Decimal(1))),
        (TAKEN_BACK, {}, {"quantity": "1"}, (-1000, Decimal(1))),
        ({"quantity": "3", "unit_price": "0.003333"}, {}, {"quantity": "1"}, (0, Decimal(1))),
    ],
)
def test_a_line_is_credited_by_amount_quantity_or_whole(
    line: dict[str, Any], credited: dict[str, Any], asked: dict[str, Any], expected: tuple[int, Decimal | None]
) -> None:
    assert share(line, credited, **asked) == expected


@pytest.mark.parametrize(
    ("credited", "asked"),
    [
        ({}, {"amount": "30.01"}),
        ({"amount": 1000}, {"amount": "20.01"}),
        ({}, {"quantity": "3.1"}),
        ({"quantity": 1, "by_quantity": 1000, "amount": 1000}, {"quantity": "2.1"}),
        ({"amount": 2500}, {"quantity": "1"}),
    ],
)
def test_more_than_the_rest_of_a_line_is_refused(credited: dict[str, Any], asked: dict[str, Any]) -> None:
    with pytest.raises(CreditExceedsInvoice) as refused:
        share(THIRDS, credited, **asked)
    assert [error.pointer for error in refused.value.errors] == [f"/lines/0/{next(iter(asked))}"]


def test_an_amount_is_credited_from_one_unit_to_the_rest() -> None:
    _, found = lines(THIRDS, {"unit_price": "2.50", "tax": {"category": "Z"}})
    for amount in (0, 4071):
        with pytest.raises(CreditExceedsInvoice):
            by_amount(found, amount, inclusive=False)
    assert [(one.net, one.tax) for one in by_amount(found, 1, inclusive=False)] == [(1, 0)]
    assert [(one.net, one.tax) for one in by_amount(found, 4070, inclusive=False)] == [(3000, 570), (500, 0)]


def test_lines_bring_their_share_of_discount_and_shipping() -> None:
    exempt = {"unit_price": "5.00", "tax": {"category": "Z"}}
    invoice, found = lines(THIRDS, exempt, discount={"amount": "4.00"}, shipping={"amount": "8.00"})
    first, second = (line.id for line in invoice.lines)
    parts = [CreditedPart(line_id=id_) for id_ in (first, second)]
    both = by_lines(found, shares_of(invoice, found, parts), 400, inclusive=False)
    assert [(one.lines, one.discount, one.shipping) for one in both] == [([3000], 300, 300), ([1000], 100, 100)]
    [one] = by_lines(found, shares_of(invoice, found, parts[1:]), None, inclusive=False)
    assert (one.rate is found[1], one.lines, one.discount, one.shipping) == (True, [1000], 100, 0)
    only_shipping = by_lines(found, {}, 800, inclusive=False)
    assert [(one.lines, one.discount, one.shipping) for one in only_shipping] == [([0], 0, 600), ([0], 0, 200)]
    found[0].shipping = 600
    [rest] = by_lines(found, {}, 200, inclusive=False)
    assert (rest.rate is found[1], rest.shipping) == (True, 200)


def test_a_credit_of_nothing_is_none() -> None:
    assert Credit(rate(0, 0), [0, 0], 0, 0).gross == 0


def test_a_credit_of_tax_alone_credits_no_line() -> None:
    [one] = by_amount([rate(100, 14, 100, 12)], 1, inclusive=False)
    assert (one.net, one.tax, one.lines, one.discount, one.shipping) == (0, 1, [], 0, 0)


def test_the_rest_of_a_rate_may_be_below_zero() -> None:
    """More than the sum of its lines is credited: the other lines were returns."""
    over, other = rate(1000, 125, 10_000, 1250), rate(40_000, 5000)
    over.group.amounts, over.credited = [10_000, -9000], {"sold": 10_000, "taken back": 0}
    other.group.amounts, other.credited = [40_000], {"else": 0}
    first, second = by_amount([over, other], 20_000, inclusive=False)
    assert (first.gross + second.gross, second.gross > 20_000) == (20_000, True)
    assert (first.net, first.tax) == over.by_gross(first.gross)
    assert first.net < 0
    assert first.lines == [0, first.net]
