"""The sums of a document by the contract's five rules, in whole minor units.

Where the contract is silent:

- A discount on the whole is taken from a positive sum only: of what is not positive a percentage is nothing, and an
  amount is refused.
- Shipping without a tax of its own goes to the first group where no group is positive. Without any line there is no
  rate to put it under: it counts from the first line on.
- EN 16931 sums up by category and rate alone: of several reasons for exemption in a group the first is shown.
- A group may be negative (returns), as long as the total is not.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import exponent, from_minor, require_readable, to_minor
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.pricing.line import Discount, NewLine, Shipping
from invoicing.pricing.tax import Tax, TaxAmount, normal
from invoicing.pricing.workings import FORGOTTEN, Kind, Workings


class LineAmounts(NamedTuple):
    """The sums of a line."""

    net: Decimal
    tax_amount: Decimal
    total: Decimal


class Totals(NamedTuple):
    """The sums of a document: `total = subtotal - discount_amount + shipping_cost + tax`."""

    lines: tuple[LineAmounts, ...]
    subtotal: Decimal
    discount_amount: Decimal
    shipping_cost: Decimal
    tax: Decimal
    tax_breakdown: tuple[TaxAmount, ...]
    total: Decimal


class Group:
    """All that bears one category and rate: lines by their place, its share of discount and shipping."""

    def __init__(self, tax: Tax) -> None:
        self.tax = tax
        self.places: list[int] = []
        self.amounts: list[int] = []
        self.discount = 0
        self.shipping = 0
        self.nets: list[int] = []
        self.taxes: list[int] = []

    @property
    def lines_sum(self) -> int:
        """The sum of its lines, in the price's mode."""
        return sum(self.amounts)

    def calculate(self, *, inclusive: bool, place: int = 0, workings: Workings = FORGOTTEN) -> None:
        """Rules 3 and 4: the net and tax of the group, and of each of its parts (lines, −discount, shipping)."""
        parts = [*self.amounts, -self.discount, self.shipping]
        places = [*self.places, -2, -1]
        base = sum(parts)
        numerator, denominator = normal(self.tax.rate).as_integer_ratio()
        # tax = base × rate ÷ 100; with tax inside the price, net = base ÷ (1 + rate ÷ 100)
        if inclusive:
            whole = 100 * denominator + numerator
            net = workings.rounded("net", place, base, 100 * denominator, whole)
            self.nets = workings.shared("net_share", places, net, parts, 100 * denominator, whole)
            self.taxes = [part - net_part for part, net_part in zip(parts, self.nets, strict=True)]
        else:
            self.nets = parts
            tax = workings.rounded("tax", place, base, numerator, 100 * denominator)
            self.taxes = workings.shared("tax_share", places, tax, parts, numerator, 100 * denominator)

    def settle_on(self, net: int, tax: int) -> None:
        """Make its parts add up to this net and tax, which are no more than roundings away: the largest part gives."""
        largest = max(range(len(self.nets)), key=lambda place: abs(self.nets[place]))
        self.nets[largest] += net - sum(self.nets)
        self.taxes[largest] += tax - sum(self.taxes)


def totals(
    lines: Sequence[NewLine],
    *,
    currency: str,
    price_tax_inclusive: bool,
    discount: Discount | None,
    shipping: Shipping | None,
) -> Totals:
    """The exact sums of lines, document discount and shipping."""
    groups = grouped(
        lines, currency=currency, price_tax_inclusive=price_tax_inclusive, discount=discount, shipping=shipping
    )
    return summed(groups, len(lines), currency)


def grouped(
    lines: Sequence[NewLine],
    *,
    currency: str,
    price_tax_inclusive: bool,
    discount: Discount | None,
    shipping: Shipping | None,
    workings: Workings = FORGOTTEN,
) -> list[Group]:
    """The same by category and rate, with the shares of each in discount and shipping."""
    amounts = [line_amount(line, currency, place, workings) for place, line in enumerate(lines)]
    groups: dict[tuple[str, Decimal], Group] = {}
    for place, (line, amount) in enumerate(zip(lines, amounts, strict=True)):
        group = groups.setdefault(line.tax.key, Group(line.tax))
        group.places.append(place)
        group.amounts.append(amount)
    _spread_discount(groups, discount, currency, workings)
    _spread_shipping(groups, shipping, currency, workings)
    for place, group in enumerate(groups.values()):
        group.calculate(inclusive=price_tax_inclusive, place=place, workings=workings)
    return list(groups.values())


def line_amount(line: NewLine, currency: str, place: int = 0, workings: Workings = FORGOTTEN) -> int:
    """Rule 1. A discount follows the sign of the line, so that a return gives back what was paid."""
    quantity, price, base = (
        value.as_integer_ratio() for value in (line.quantity, line.unit_price, line.price_base_quantity)
    )
    numerator, denominator = quantity[0] * price[0] * base[1], quantity[1] * price[1] * base[0]
    gross = workings.rounded("amount", place, 10 ** exponent(currency), numerator, denominator)
    if line.discount is None:
        return gross
    pointer = f"/lines/{place}/discount"
    taken = _discount(line.discount, abs(gross), currency, pointer, workings, "line_discount", place)
    return gross - taken if gross >= 0 else gross + taken


def _discount(
    discount: Discount, base: int, currency: str, pointer: str, workings: Workings, kind: Kind, place: int = 0
) -> int:
    if discount.percent is not None:
        numerator, denominator = discount.percent.as_integer_ratio()
        return workings.rounded(kind, place, base, numerator, 100 * denominator)
    amount = to_minor(discount.amount or Decimal(0), currency, pointer=f"{pointer}/amount")
    if amount > base:
        raise DiscountExceedsAmount(pointer=f"{pointer}/amount")
    return amount


def _spread_discount(
    groups: dict[tuple[str, Decimal], Group], discount: Discount | None, currency: str, workings: Workings
) -> None:
    """Rule 2: the document's discount, over the groups by what they come to."""
    if discount is None:
        return
    whole = max(0, sum(group.lines_sum for group in groups.values()))
    total = _discount(discount, whole, currency, "/discount", workings, "discount")
    shares = _shares(total, list(groups.values()), workings, "discount_share")
    for group, part in zip(groups.values(), shares, strict=True):
        group.discount = part


def _spread_shipping(
    groups: dict[tuple[str, Decimal], Group], shipping: Shipping | None, currency: str, workings: Workings
) -> None:
    """Rule 2: shipping likewise, unless it has a tax of its own."""
    if shipping is None:
        return
    amount = to_minor(shipping.amount, currency, pointer="/shipping/amount")
    if shipping.tax is not None:
        groups.setdefault(shipping.tax.key, Group(shipping.tax)).shipping = amount
        return
    shares = _shares(amount, list(groups.values()), workings, "shipping_share")
    for group, part in zip(groups.values(), shares, strict=True):
        group.shipping = part


def _shares(total: int, groups: Sequence[Group], workings: Workings, kind: Kind) -> list[int]:
    """A sum over groups in proportion to what is positive of them; where nothing is, all of it to the first."""
    weights = [max(0, group.lines_sum) for group in groups]
    if not any(weights):
        return [total, *[0] * (len(groups) - 1)][: len(groups)]
    return workings.shared(kind, range(len(groups)), total, weights, total, sum(weights))


def summed(groups: Sequence[Group], count: int, currency: str) -> Totals:
    """Rule 5: the sum of the groups; `count` is the number of their lines."""
    nets, taxes = [0] * count, [0] * count
    for group in groups:
        for place, net, tax in zip(group.places, group.nets, group.taxes, strict=False):
            nets[place], taxes[place] = net, tax
    subtotal = sum(nets)
    discount = -sum(group.nets[-2] for group in groups)
    shipping = sum(group.nets[-1] for group in groups)
    tax = sum(sum(group.taxes) for group in groups)
    total = subtotal - discount + shipping + tax
    if total < 0:
        raise NegativeTotal(pointer="/lines")
    return Totals(
        lines=tuple(
            LineAmounts(*(_amount(units, currency, f"/lines/{place}") for units in (net, part, net + part)))
            for place, (net, part) in enumerate(zip(nets, taxes, strict=True))
        ),
        subtotal=_amount(subtotal, currency),
        discount_amount=_amount(discount, currency),
        shipping_cost=_amount(shipping, currency),
        tax=_amount(tax, currency),
        tax_breakdown=tuple(_breakdown(group, currency) for group in groups),
        total=_amount(total, currency),
    )


def _amount(units: int, currency: str, pointer: str = "/lines") -> Decimal:
    return require_readable(from_minor(units, currency), pointer=pointer)


def _breakdown(group: Group, currency: str) -> TaxAmount:
    code, reason = group.tax.reason
    return TaxAmount(
        category=group.tax.category,
        rate=normal(group.tax.rate),
        taxable=_amount(sum(group.nets), currency),
        tax=_amount(sum(group.taxes), currency),
        exemption_reason=reason,
        exemption_code=code,
    )
