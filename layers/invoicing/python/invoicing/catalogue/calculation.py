"""The amount of a quantity at a price, as a document with its lines would have it."""

from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from invoicing.catalogue.amounts import PriceModel
from invoicing.catalogue.lines import Offer, lines_of, with_minimum
from invoicing.catalogue.requests import Calculate
from invoicing.core.currency import from_minor, to_minor
from invoicing.core.ids import PriceId
from invoicing.core.model import Amount, Day, Quantity, UnitPrice, Value, values_of
from invoicing.pricing.allowances import Discount, DocumentAllowance, DocumentCharge, Shipping
from invoicing.pricing.formulas import in_major_unit, price_formula
from invoicing.pricing.line import FilledLine
from invoicing.pricing.tax import Tax
from invoicing.pricing.totals import list_amount, totals
from invoicing.pricing.workings import Remembered

_RULES: Final[dict[PriceModel, str]] = {
    "flat": "Flat: one amount, the same for each quantity.",
    "unit": "Unit: quantity × unit price.",
    "package": "Package: the packages that the quantity starts, after the free units, × the price of a package.",
    "percentage": "Percentage: percent of the amount, and the fixed amount of each event, after the free events.",
    "graduated": "Graduated: the units of each tier at its price, and the flat amount of each tier that is reached.",
    "volume": "Volume: all units at the price of the tier that the quantity is in, and its flat amount.",
}
_OF_THE_LINE: Final = ("name", "quantity", "unit", "unit_price", "price_base_quantity", "price_tier", "tax")
_MINIMUM: Final = "Minimum: the share of the minimum charge, less the other lines."


class CalculatedLine(Value):
    """A line of a calculation, with its rounding."""

    name: str
    """Name of the line on documents."""
    quantity: Quantity
    """Quantity; for a part of a period, multiplied by the days that are charged."""
    unit: str
    """Unit of the quantity: a code of UN/ECE Recommendation 20; `DAY` for a part of a period."""
    unit_price: UnitPrice
    """Price of `price_base_quantity` units."""
    price_base_quantity: Quantity
    """Number of units that `unit_price` applies to; for a part of a period, the days of the full period."""
    price_tier: int | None
    """Number of the tier, starting at 1; null for prices without tiers."""
    tax: Tax
    """Tax of the line."""
    rule: str
    """Rule that was applied, in English."""
    formula: str
    """Formula with the numbers filled in."""
    exact: str
    """Amount before rounding, as a decimal string with up to 10 decimals."""
    amount: Amount
    """Amount after rounding, including tax if the price includes it."""
    rounding: str
    """Difference between `amount` and `exact`, as a decimal string."""
    net: Amount
    """Net amount of the line."""


class Calculation(Value):
    """The amount of a quantity at a price."""

    object: Literal["calculation"] = "calculation"
    price_id: PriceId
    price_version: int
    """Number of the version of the price."""
    currency: str
    on: Day
    """Day whose version of the price applies."""
    price_tax_inclusive: bool
    """Whether the amounts of the price include tax."""
    lines: tuple[CalculatedLine, ...]
    """Lines of the quantity; each tier and each flat amount is a line of its own."""
    net: Amount
    """Sum of the net amounts of the lines."""
    tax: Amount
    """Tax on the lines."""
    total: Amount
    """Sum including tax: `net` + `tax`."""


class _Terms(NamedTuple):
    """The terms of a document with lines only."""

    price_tax_inclusive: bool
    discount: Discount | None = None
    shipping: Shipping | None = None
    allowances: tuple[DocumentAllowance, ...] = ()
    charges: tuple[DocumentCharge, ...] = ()


def calculation(offer: Offer, asked: Calculate, *, currency: str, on: date) -> Calculation:
    """The lines of a quantity at a price, each with its rule and rounding, and their sums."""
    _require_decimals(asked, currency)
    share = asked.share.share if asked.share else None
    plain = lines_of(offer, asked.basis, currency=currency, language=offer.language, share=share)
    lines = with_minimum(offer, plain, currency=currency, language=offer.language, share=share)
    rules = [_RULES[offer.price.model]] * len(plain) + [_MINIMUM] * (len(lines) - len(plain))
    inclusive = offer.price.price_tax_inclusive
    sums = totals(lines, _Terms(inclusive), currency)
    return Calculation(
        price_id=offer.price.id,
        price_version=offer.version.number,
        currency=currency,
        on=on,
        price_tax_inclusive=inclusive,
        lines=tuple(
            _calculated(line, rule, amounts.net, currency)
            for line, rule, amounts in zip(lines, rules, sums.lines, strict=True)
        ),
        net=sums.subtotal,
        tax=sums.tax,
        total=sums.total,
    )


def _require_decimals(asked: Calculate, currency: str) -> None:
    """Refuse amounts of money that do not have the decimals of the currency."""
    if asked.amount is not None:
        to_minor(asked.amount, currency, pointer="/amount")
    for place, amount in enumerate(asked.event_amounts or ()):
        to_minor(amount, currency, pointer=f"/event_amounts/{place}")


def _calculated(line: FilledLine, rule: str, net: Decimal, currency: str) -> CalculatedLine:
    workings = Remembered()
    list_amount(line, currency, workings=workings)
    [one] = workings.roundings
    exact = one.of * one.numerator
    return CalculatedLine(
        **values_of(line, _OF_THE_LINE),
        rule=rule,
        formula=price_formula(line),
        exact=in_major_unit(exact, one.denominator, currency),
        amount=from_minor(one.result, currency),
        rounding=in_major_unit(one.result * one.denominator - exact, one.denominator, currency),
        net=net,
    )
