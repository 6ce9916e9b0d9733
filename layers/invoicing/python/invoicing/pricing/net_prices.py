"""Prices that give the line's net amount exactly, with the allowances and charges of the line.

A document is stored with its computed totals. If its prices include tax, or if it credits a part of a line, the net
amount of a line is a share of a whole, and no given price leads to it. EN 16931 requires one: BT-131 = BT-129 × BT-146
÷ BT-149 − BT-136, to a hundredth at least (in yen, too: the rules round all currencies alike). This module finds it, so
that every sum of the document stays the same.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import divide, exponent, from_minor, to_minor
from invoicing.pricing.allowances import AdjustmentEntry
from invoicing.pricing.line import Line
from invoicing.pricing.tax import normal
from invoicing.pricing.totals import line_entry_amounts, list_amount

_MOST_DECIMALS = 10
_HUNDREDTHS = 2


class NetAdjustment(NamedTuple):
    """The net amount of an allowance or, below zero, of a charge on a line.

    It has the sign of the line, so that a return reverses the sale. A part without an entry balances the line.
    """

    entry: AdjustmentEntry | None
    amount: Decimal


class NetPrice(NamedTuple):
    """The price of a line: net (BT-146) for a base quantity (BT-149), with allowances and charges (BG-27, BG-28).

    `before` is the amount before its parts. `gross` less `discount` is the net price (BT-148, BT-147).
    """

    net: Decimal
    base_quantity: Decimal
    before: Decimal
    parts: tuple[NetAdjustment, ...]
    gross: Decimal | None = None
    discount: Decimal | None = None


def price_of(line: Line, currency: str, *, inclusive: bool) -> NetPrice:
    """The price of a line that gives its net amount. A given net amount is stated beside the listed price."""
    net = to_minor(line.net, currency, pointer="")
    numerator, denominator = normal(line.tax.rate).as_integer_ratio()
    whole = (100 * denominator + numerator, 100 * denominator) if inclusive else (1, 1)
    before = divide(list_amount(line, currency) * whole[1], whole[0])
    parts = _parts(line, currency, whole, None if line.net_given else before - net)
    if not line.quantity and not parts and before != net:
        parts = [(None, before - net)]  # No price gives an amount to a quantity of zero.
    if not any(units for _, units in parts) and not line.net_given:
        before = net  # A cent of rounding is no discount: it is added to the price.
    amount, base = from_minor(before, currency), line.price_base_quantity
    tried = _prices(before, line, currency, whole)
    price = next((price for price in tried if line.net_given or _hits(price, base, line, amount)), None)
    if price is None:
        # For very large quantities no price has few enough decimals, so the price is for the whole quantity.
        price, base = amount.copy_sign(before * line.quantity), abs(line.quantity)
    if price < 0:
        price, base, before, parts = Decimal(0), Decimal(1), 0, [(None, -net)]
    gross, discount = _gross(price, base, line, whole)
    off = tuple(NetAdjustment(entry, from_minor(units, currency)) for entry, units in parts)
    return NetPrice(normal(price), normal(base), from_minor(before, currency), off, gross, discount)


def _parts(
    line: Line, currency: str, whole: tuple[int, int], taken: int | None
) -> list[tuple[AdjustmentEntry | None, int]]:
    """The net amount of each allowance and charge of a line; together `taken`, unless that is open.

    None of them if a rounding would turn an allowance into a charge. One that is stated as zero stays zero.
    """
    sign = -1 if line.quantity < 0 else 1
    parts: list[tuple[AdjustmentEntry | None, int]] = []
    for entry, _, units in line_entry_amounts(line, currency):
        parts.append((entry, sign * divide((-units if entry.charge else units) * whole[1], whole[0])))
    if taken is not None and any(units for _, units in parts):
        largest = max(range(len(parts)), key=lambda place: abs(parts[place][1]))
        rest = taken - sum(units for _, units in parts)
        parts[largest] = (parts[largest][0], parts[largest][1] + rest)
    if any(units * sign * (-1 if entry and entry.charge else 1) < 0 for entry, units in parts):
        return []
    return [(entry, units) for entry, units in parts if units or (entry and entry.is_stated_zero)]


def _gross(price: Decimal, base: Decimal, line: Line, whole: tuple[int, int]) -> tuple[Decimal | None, Decimal | None]:
    """The gross price and the price discount, if they still give the net price."""
    listed = whole != (1, 1) or price == line.unit_price
    if line.gross_price is None or base != line.price_base_quantity or not listed:
        return None, None
    digits = max(_HUNDREDTHS, -int(price.as_tuple().exponent), -int(line.gross_price.as_tuple().exponent))
    numerator, denominator = (line.price_discount or Decimal(0)).as_integer_ratio()
    off = Decimal(divide(numerator * whole[1] * 10**digits, denominator * whole[0])).scaleb(-digits)
    return normal(price + off), normal(off) if off else None


def _prices(amount: int, line: Line, currency: str, whole: tuple[int, int]) -> Iterator[Decimal]:
    """Candidate prices, the best first: the listed one if it excludes tax, else those with the fewest decimals.

    With equal decimals, the listed price without tax precedes the quotient of amount and quantity.
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
    """Whether quantity times price gives an amount, rounded to hundredths."""
    (one, by), (times, of), (units, scale) = (value.as_integer_ratio() for value in (price, line.quantity, base))
    return divide(one * times * scale * 10**_HUNDREDTHS, by * of * units) == amount.scaleb(_HUNDREDTHS)


def comes_to(percent: Decimal | None, base: Decimal, amount: Decimal) -> bool:
    """Whether a percentage of a base gives exactly this amount, so that it can be stated (BT-138, BT-94)."""
    if percent is None or amount <= 0:
        return False
    (of, by), (units, scale) = percent.as_integer_ratio(), base.as_integer_ratio()
    return divide(of * units * 10**_HUNDREDTHS, 100 * by * scale) == amount.scaleb(_HUNDREDTHS)


def near(percent: Decimal | None, base: Decimal, amount: Decimal) -> bool:
    """Whether a given amount is within 0.02 of its percentage (PEPPOL-EN16931-R040)."""
    if percent is None:
        return False
    (of, by), (units, scale), (given, one) = (value.as_integer_ratio() for value in (percent, base, amount))
    away = abs(of * units * one - 100 * by * scale * given)
    return away * 100 <= 2 * 100 * by * scale * one
