"""The sums of a document by the contract's five rules, in whole minor units.

Rules that the contract does not define:

- An allowance on the document without a tax of its own applies to a positive sum only: of other sums a percentage is
  zero, and an amount is refused. All of them together are at most the sum of the lines.
- A charge without a tax of its own goes to the first group if no group is positive. A document without lines has no
  rate for it: it counts from the first line on.
- A percentage without a base applies to the lines of its own rate, or to all lines if the entry has no tax of its own;
  on a line it applies to the line before its allowances and charges.
- EN 16931 sums up by category and rate alone: of several reasons for exemption in a group the first is shown.
- A group may be negative (returns), as long as the total is not.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from invoicing.core.currency import exponent, from_minor, require_readable, to_minor
from invoicing.core.errors import Invalid
from invoicing.pricing.allowances import AdjustmentEntry, PriceTerms, document_entries, line_entries
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.pricing.line import LineContent
from invoicing.pricing.tax import Tax, TaxAmount, normal
from invoicing.pricing.workings import FORGOTTEN, AmountKind, Workings

_MOST_DIFFERENCE: Final = Decimal("0.05")
"""The tolerance between a given net amount and quantity × price, in the major unit."""
_WHOLE_UNITS: Final = frozenset({"HUF"})
"""Currencies with decimals in ISO 4217 whose amounts are usually rounded to whole units, since they have no coins."""
_HALF_A_UNIT: Final = Decimal("0.5")


class LineAmounts(NamedTuple):
    """The sums of a line."""

    net: Decimal
    tax_amount: Decimal
    total: Decimal


class Totals(NamedTuple):
    """The sums of a document: `total = subtotal - discount_amount + shipping_cost + tax`.

    `discount_amount` is the net of all allowances (BT-107), `shipping_cost` that of all charges (BT-108).
    """

    lines: tuple[LineAmounts, ...]
    subtotal: Decimal
    discount_amount: Decimal
    shipping_cost: Decimal
    tax: Decimal
    tax_breakdown: tuple[TaxAmount, ...]
    total: Decimal


class Group:
    """A category and rate: its lines by their place, and its shares of the document's allowances and charges.

    Each group has a share, possibly zero, of every allowance and charge of the document, in their order.
    """

    def __init__(self, tax: Tax) -> None:
        self.tax = tax
        self.places: list[int] = []
        self.amounts: list[int] = []
        self.allowances: list[int] = []
        self.charges: list[int] = []
        self.nets: list[int] = []
        self.taxes: list[int] = []

    @property
    def lines_sum(self) -> int:
        """The sum of its lines, in the price's mode."""
        return sum(self.amounts)

    @property
    def discount(self) -> int:
        """All that comes off its lines, in the price's mode."""
        return sum(self.allowances)

    @property
    def shipping(self) -> int:
        """All that comes on top of its lines, in the price's mode."""
        return sum(self.charges)

    @property
    def allowance_nets(self) -> list[int]:
        """The nets of its shares in the allowances."""
        first = len(self.places)
        return [-net for net in self.nets[first : first + len(self.allowances)]]

    @property
    def charge_nets(self) -> list[int]:
        """The nets of its shares in the charges."""
        return self.nets[len(self.nets) - len(self.charges) :]

    def calculate(self, *, inclusive: bool, place: int = 0, workings: Workings = FORGOTTEN) -> None:
        """Rules 3 and 4: the net and tax of the group, and of each of its parts (lines, −allowances, charges)."""
        parts = [*self.amounts, *(-units for units in self.allowances), *self.charges]
        places = [*self.places, *range(-len(self.allowances) - len(self.charges), 0)]
        base = sum(parts)
        numerator, denominator = normal(self.tax.rate).as_integer_ratio()
        # tax = base × rate ÷ 100; with tax inside the price, net = base ÷ (1 + rate ÷ 100)
        if inclusive:
            net_of = (100 * denominator, 100 * denominator + numerator)
            net = workings.rounded("net", place, base, net_of)
            self.nets = workings.shared("net_share", places, parts, net, net_of)
            self.taxes = [part - net_part for part, net_part in zip(parts, self.nets, strict=True)]
        else:
            self.nets = parts
            tax_of = (numerator, 100 * denominator)
            tax = workings.rounded("tax", place, base, tax_of)
            self.taxes = workings.shared("tax_share", places, parts, tax, tax_of)

    def settle_on(self, net: int, tax: int) -> None:
        """Adjust its parts to this net and tax, which differ by roundings only. The largest part is adjusted."""
        largest = max(range(len(self.nets)), key=lambda place: abs(self.nets[place]))
        self.nets[largest] += net - sum(self.nets)
        self.taxes[largest] += tax - sum(self.taxes)


Groups = dict[tuple[str, Decimal], Group]


def totals(lines: Sequence[LineContent], terms: PriceTerms, currency: str) -> Totals:
    """The exact sums of lines and of the document's allowances and charges."""
    return summed(grouped(lines, terms, currency), len(lines), currency)


def grouped(
    lines: Sequence[LineContent], terms: PriceTerms, currency: str, workings: Workings = FORGOTTEN
) -> list[Group]:
    """The same by category and rate, with the shares of each in the document's allowances and charges."""
    groups: Groups = {}
    for place, line in enumerate(lines):
        if line.given_net is not None and terms.price_tax_inclusive:
            message = "A net amount (BT-131) can be given only where prices are without tax."
            raise Invalid(message, pointer=f"/lines/{place}/net")
        group = groups.setdefault(line.tax.key, Group(line.tax))
        group.places.append(place)
        group.amounts.append(line_amount(line, currency, place, workings))
    if terms.price_tax_inclusive:
        _require_net_bases(lines, terms)
    _spread(groups, document_entries(terms), currency, workings)
    for place, group in enumerate(groups.values()):
        group.calculate(inclusive=terms.price_tax_inclusive, place=place, workings=workings)
    return list(groups.values())


def _require_net_bases(lines: Sequence[LineContent], terms: PriceTerms) -> None:
    """Refuse bases that are only information where prices include tax: an e-invoice has net amounts."""
    found = [
        ("", document_entries(terms)),
        *((f"/lines/{place}", line_entries(one)) for place, one in enumerate(lines)),
    ]
    for at, entry in ((at, entry) for at, entries in found for entry in entries if entry.has_base_alone):
        message = "A base without a percentage can be given only where prices are without tax (BT-93, BT-100)."
        raise Invalid(message, pointer=f"{at}/{entry.at}/base")


def line_amount(line: LineContent, currency: str, place: int = 0, workings: Workings = FORGOTTEN) -> int:
    """Rule 1. Allowances and charges follow the sign of the line, so that a return reverses the sale."""
    gross = list_amount(line, currency, place, workings)
    off = on = 0
    for number, entry in enumerate(line_entries(line)):
        pointer = f"/lines/{place}"
        units = _units(entry, abs(gross), currency, pointer, workings, ("line_entry", place, number))
        if entry.charge:
            on += units
            continue
        off += units
        if off > abs(gross):
            raise DiscountExceedsAmount(pointer=pointer + entry.pointer)
    amount = abs(gross) + on - off
    return _given(line, amount if gross >= 0 else -amount, currency, f"/lines/{place}/net")


def list_amount(line: LineContent, currency: str, place: int = 0, workings: Workings = FORGOTTEN) -> int:
    """The amount of a line before its allowances and charges: quantity × unit price ÷ base quantity, rounded."""
    quantity, price, base = (
        value.as_integer_ratio() for value in (line.quantity, line.unit_price, line.price_base_quantity)
    )
    fraction = quantity[0] * price[0] * base[1], quantity[1] * price[1] * base[0]
    return workings.rounded("amount", place, 10 ** exponent(currency), fraction)


def _given(line: LineContent, computed: int, currency: str, pointer: str) -> int:
    """The net amount of another system, which replaces ours and may differ by a few cents, or be in whole forints."""
    if line.given_net is None:
        return computed
    given = to_minor(line.given_net, currency, pointer=pointer)
    whole = currency in _WHOLE_UNITS and not given % 10 ** exponent(currency)
    most = _HALF_A_UNIT if whole else _MOST_DIFFERENCE
    if abs(from_minor(given - computed, currency)) > most:
        message = f"The net amount (BT-131) is more than {most} away from {from_minor(computed, currency)}."
        raise Invalid(message, pointer=pointer)
    return given


def is_near(line: LineContent, most: Decimal, currency: str) -> bool:
    """Whether the given net of a line is near to quantity × price ÷ base quantity, with its allowances and charges.

    The official rules round the allowances and charges, and nothing else.
    """
    parts = sum(units if entry.charge else -units for entry, _, units in line_entry_amounts(line, currency))
    net = (line.given_net or Decimal(0)) - from_minor(-parts if line.quantity < 0 else parts, currency)
    # Exact in any decimal context.
    with localcontext(prec=100):
        return abs(net * line.price_base_quantity - line.quantity * line.unit_price) <= most * line.price_base_quantity


def entry_amounts(
    lines: Sequence[LineContent], terms: PriceTerms, currency: str
) -> list[tuple[AdjustmentEntry, int, int]]:
    """Each allowance and charge of a document with its base and its amount, in the price's mode."""
    sums: dict[tuple[str, Decimal], int] = {}
    for place, line in enumerate(lines):
        sums[line.tax.key] = sums.get(line.tax.key, 0) + line_amount(line, currency, place)
    found = []
    for place, entry in enumerate(document_entries(terms)):
        base = _base(entry, sums)
        units = _units(entry, base, currency, "", FORGOTTEN, ("entry", 0, place))
        if entry.base is not None:
            base = to_minor(entry.base, currency, pointer=f"/{entry.at}/base")
        found.append((entry, base, units))
    return found


def line_entry_amounts(line: LineContent, currency: str) -> list[tuple[AdjustmentEntry, int, int]]:
    """Each allowance and charge of a line with its base and its amount, in the price's mode."""
    entries = line_entries(line)
    base = abs(list_amount(line, currency)) if entries else 0
    return [
        (
            entry,
            base if entry.base is None else to_minor(entry.base, currency, pointer=f"/{entry.at}/base"),
            _units(entry, base, currency, "", FORGOTTEN, ("line_entry", 0, number)),
        )
        for number, entry in enumerate(entries)
    ]


def _base(entry: AdjustmentEntry, sums: Mapping[tuple[str, Decimal], int]) -> int:
    """The base of a percentage without one: the lines of its rate, or all lines; never below zero."""
    return max(0, sum(sums.values()) if entry.tax is None else sums.get(entry.tax.key, 0))


def _units(
    entry: AdjustmentEntry, base: int, currency: str, at: str, workings: Workings, where: tuple[AmountKind, int, int]
) -> int:
    """The amount of an allowance or a charge: the given one, or a percentage of its base."""
    if entry.amount is not None:
        return to_minor(entry.amount, currency, pointer=f"{at}/{entry.at}/amount")
    if entry.base is not None:
        base = to_minor(entry.base, currency, pointer=f"{at}/{entry.at}/base")
    numerator, denominator = (entry.percent or Decimal(0)).as_integer_ratio()
    kind, place, number = where
    return workings.rounded(kind, place, base, (numerator, 100 * denominator), number)


def _spread(groups: Groups, entries: Sequence[AdjustmentEntry], currency: str, workings: Workings) -> None:
    """Rule 2: the document's allowances and charges, each in its own rate or split by the sums of the lines."""
    sums = {key: group.lines_sum for key, group in groups.items()}
    with_lines = list(groups.values())
    for entry in entries:
        if entry.tax is not None:
            groups.setdefault(entry.tax.key, Group(entry.tax))
    taken = 0
    for number, entry in enumerate(entries):
        units = _units(entry, _base(entry, sums), currency, "", workings, ("entry", 0, number))
        if not entry.charge and entry.tax is None:
            taken += units
            if taken > max(0, sum(sums.values())):
                raise DiscountExceedsAmount(pointer=entry.pointer)
        shares = [0] * len(groups)
        if entry.tax is not None:
            shares[list(groups).index(entry.tax.key)] = units
        else:
            shares[: len(with_lines)] = _shares(units, with_lines, workings, number)
        for group, part in zip(groups.values(), shares, strict=True):
            (group.charges if entry.charge else group.allowances).append(part)


def _shares(total: int, groups: Sequence[Group], workings: Workings, entry: int) -> list[int]:
    """A sum split over groups in proportion to their positive amounts. If none is positive, the first gets all."""
    weights = [max(0, group.lines_sum) for group in groups]
    if not any(weights):
        return [total, *[0] * (len(groups) - 1)][: len(groups)]
    return workings.shared("entry_share", range(len(groups)), weights, total, (total, sum(weights)), entry)


def summed(groups: Sequence[Group], count: int, currency: str) -> Totals:
    """Rule 5: the sum of the groups; `count` is the number of their lines."""
    nets, taxes = [0] * count, [0] * count
    for group in groups:
        for place, net, tax in zip(group.places, group.nets, group.taxes, strict=False):
            nets[place], taxes[place] = net, tax
    subtotal = sum(nets)
    discount = sum(sum(group.allowance_nets) for group in groups)
    shipping = sum(sum(group.charge_nets) for group in groups)
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
