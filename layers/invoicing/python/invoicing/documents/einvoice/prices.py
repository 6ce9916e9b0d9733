"""Prices that come to the line's net amount exactly, and the parts of discount and shipping that each rate bears.

A document is kept as its totals were reckoned. Where its prices include tax, or a credit takes a part of a line, the
net amount of a line is a share of a whole, and no price was ever said that leads to it. EN 16931 wants one:
BT-131 = BT-129 × BT-146 ÷ BT-149 − BT-136, to a hundredth at least (in yen, too: the rules round all alike). Here it is
found, so that every sum of the document is its own.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import exponent, from_minor, to_minor
from invoicing.core.money import divide, split
from invoicing.pricing.line import Discount, Line
from invoicing.pricing.tax import normal
from invoicing.pricing.totals import line_amount

_MOST_DECIMALS = 10
_HUNDREDTHS = 2


class Price(NamedTuple):
    """The price of a line: net (BT-146) for a base quantity (BT-149), with allowances and charges (BG-27, BG-28).

    `taken` is below zero where something comes on: a discount follows the sign of a returned line.
    """

    net: Decimal
    base_quantity: Decimal
    before: Decimal
    taken: Decimal


def price_of(line: Line, currency: str, *, inclusive: bool) -> Price:
    """The price of a line that comes to its net amount."""
    net = to_minor(line.net, currency, pointer="")
    numerator, denominator = normal(line.tax.rate).as_integer_ratio()
    whole = (100 * denominator + numerator, 100 * denominator) if inclusive else (1, 1)
    listed = line_amount(line.model_copy(update={"discount": None}), currency)
    before = divide(listed * whole[1], whole[0])
    taken = before - net
    if line.discount is None or taken * before < 0:
        # A cent of rounding is no discount: it goes into the price.
        before, taken = net, 0
    amount, base = from_minor(before, currency), line.price_base_quantity
    price = next((price for price in _prices(before, line, currency, whole) if _hits(price, base, line, amount)), None)
    if price is None:
        # Of very many no price has few enough decimals: it is for all of them.
        price, base = amount.copy_sign(before * line.quantity), abs(line.quantity)
    if price < 0:
        price, base, before, taken = Decimal(0), Decimal(1), 0, -net
    return Price(normal(price), normal(base), from_minor(before, currency), from_minor(taken, currency))


def _prices(amount: int, line: Line, currency: str, whole: tuple[int, int]) -> Iterator[Decimal]:
    """Prices to try, the truest first: the listed one, if it has no tax in it; else those with the fewest decimals.

    At so many decimals the listed one without its tax goes before the one that the amount asks for.
    """
    if whole == (1, 1):
        yield line.unit_price
    (times, of), (units, scale) = line.quantity.as_integer_ratio(), line.price_base_quantity.as_integer_ratio()
    one, by = line.unit_price.as_integer_ratio()
    least = exponent(currency)
    for digits in range(least, _MOST_DECIMALS + 1):
        yield Decimal(divide(one * whole[1] * 10**digits, by * whole[0])).scaleb(-digits)
        yield Decimal(divide(amount * of * units * 10 ** (digits - least), times * scale)).scaleb(-digits)


def _hits(price: Decimal, base: Decimal, line: Line, amount: Decimal) -> bool:
    """Whether so many at this price come to an amount, rounded to hundredths."""
    (one, by), (times, of), (units, scale) = (value.as_integer_ratio() for value in (price, line.quantity, base))
    return divide(one * times * scale * 10**_HUNDREDTHS, by * of * units) == amount.scaleb(_HUNDREDTHS)


def shares(
    taxable: Sequence[Decimal],
    lines: Sequence[Decimal],
    shipped_with: int | None,
    shipping: Decimal,
    currency: str,
) -> list[tuple[Decimal, Decimal]]:
    """The part of discount and shipping of each rate, from its taxable amount and the sum of its lines.

    `shipped_with` is the rate that bears all of shipping, if one does.
    """
    to_units = [to_minor(one, currency, pointer="") for one in taxable]
    of_lines = [to_minor(one, currency, pointer="") for one in lines]
    beyond = [whole - part for whole, part in zip(to_units, of_lines, strict=True)]
    cost = to_minor(shipping, currency, pointer="")
    if shipped_with is not None:
        on = [cost if place == shipped_with else 0 for place in range(len(beyond))]
    else:
        # What is beyond the lines is shipping less discount; what both have in common goes by what the lines come to.
        on = [max(0, one) for one in beyond]
        common = cost - sum(on)
        weights = [max(0, one) for one in of_lines]
        more = split(common, weights, common, sum(weights)) if any(weights) else [common, *[0] * (len(beyond) - 1)]
        on = [one + other for one, other in zip(on, more, strict=True)]
    off = [one - other for one, other in zip(on, beyond, strict=True)]
    return [(from_minor(one, currency), from_minor(other, currency)) for one, other in zip(off, on, strict=True)]


def comes_to(discount: Discount | None, base: Decimal, amount: Decimal) -> bool:
    """Whether the percentage of a discount gives exactly this amount, so that both can be written (BT-138, BT-94)."""
    if discount is None or discount.percent is None or amount <= 0:
        return False
    (of, by), (units, scale) = discount.percent.as_integer_ratio(), base.as_integer_ratio()
    return divide(of * units * 10**_HUNDREDTHS, 100 * by * scale) == amount.scaleb(_HUNDREDTHS)
