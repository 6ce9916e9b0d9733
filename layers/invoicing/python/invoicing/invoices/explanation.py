"""Why a document comes to what it comes to: every number of its totals with its rule, and what rounding made of it.

The numbers are those of the one computation that made them (`totals`), done again with its workings remembered.
"""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Literal

from invoicing.core.currency import exponent, from_minor
from invoicing.core.model import Amount, Value, decimal_text
from invoicing.invoices.model import Invoice
from invoicing.pricing.tax import normal
from invoicing.pricing.totals import Group, Totals, grouped, summed
from invoicing.pricing.workings import Kind, Remembered, Rounded

_RULES: dict[Kind, str] = {
    "amount": "Rule 1: quantity × unit price ÷ base quantity, rounded half away from zero.",
    "line_discount": "Rule 1: the line's discount in percent of its amount, rounded half away from zero.",
    "discount": "Rule 2: the document's discount in percent of all lines, rounded half away from zero.",
    "discount_share": "Rule 2: the discount, split over the rates by what their lines come to (largest remainder).",
    "shipping_share": "Rule 2: shipping, split over the rates by what their lines come to (largest remainder).",
    "net": "Rule 3: prices include tax, so the net is all of a rate ÷ (1 + rate), rounded half away from zero.",
    "tax": "Rule 3: the tax is the net of a rate × rate, rounded once for the rate, half away from zero.",
    "net_share": "Rule 4: the net of the rate, split over its parts so that they add up to it (largest remainder).",
    "tax_share": "Rule 4: the tax of the rate, split over its parts so that they add up to it (largest remainder).",
}
_SUM = "Rule {number}: a sum, nothing is rounded."
_CREDIT = "Per rate, all that is credited of an invoice ends at the invoice's own net and tax: the difference is here."
_DECIMALS = 10


class Explained(Value):
    """The computation of one amount."""

    number: str
    """RFC 6901 pointer to the amount in the document. Amounts that the document does not show have the pointer of their
    line or rate."""
    rule: str
    """Rule of the arithmetic that was applied, in English."""
    formula: str
    """Formula with the numbers filled in."""
    exact: str
    """Result before rounding, as a decimal string with up to 10 decimals."""
    result: Amount
    """Result after rounding."""
    rounding: str
    """Difference between `result` and `exact`, as a decimal string."""


class Explanation(Value):
    """The computation of a document's totals, in order."""

    object: Literal["explanation"] = "explanation"
    invoice_id: str
    currency: str
    price_tax_inclusive: bool
    """Whether the prices of the document include tax."""
    numbers: tuple[Explained, ...]
    """Amounts of the document, in the order of the computation."""


def explanation(invoice: Invoice) -> Explanation:
    """Every number of a document's totals, with the rule and the roundings that led to it."""
    return Explanation(
        invoice_id=invoice.id,
        currency=invoice.currency,
        price_tax_inclusive=invoice.price_tax_inclusive,
        numbers=tuple(_numbers(invoice)),
    )


def _numbers(invoice: Invoice) -> Iterator[Explained]:
    workings = Remembered()
    groups = grouped(
        invoice.lines,
        currency=invoice.currency,
        price_tax_inclusive=invoice.price_tax_inclusive,
        discount=invoice.discount,
        shipping=invoice.shipping,
        workings=workings,
    )
    yield from _roundings(invoice, groups, workings)
    sums = summed(groups, len(invoice.lines), invoice.currency)
    for number, formula, rule, result in _sums(invoice, groups, sums):
        words, text = _SUM.format(number=rule), decimal_text(result)
        yield Explained(number=number, rule=words, formula=formula, exact=text, result=result, rounding="0")
    for number, computed, shown in _compared(invoice, sums):
        if computed != shown:
            text, more = decimal_text(computed), decimal_text(shown - computed)
            yield Explained(
                number=number, rule=_CREDIT, formula=f"{text} + {more}", exact=text, result=shown, rounding=more
            )


def _rates(invoice: Invoice) -> list[tuple[str, Decimal]]:
    """The rates of a document in the order of its breakdown."""
    return [(entry.category, normal(entry.rate)) for entry in invoice.tax_breakdown]


def _roundings(invoice: Invoice, groups: list[Group], workings: Remembered) -> Iterator[Explained]:
    """The roundings in order; the shares of a rate come after the number that is shared."""
    rates = _rates(invoice)
    here = ""
    for one in workings.roundings:
        if one.kind in ("net", "tax", "discount_share", "shipping_share"):
            here = f"/tax_breakdown/{rates.index(groups[one.place].tax.key)}"
        if one.place < 0 and not one.of:
            continue  # no discount, no shipping
        rate = rates[int(here.rpartition("/")[2])][1] if here else Decimal(0)
        exact = one.of * one.numerator
        yield Explained(
            number=_pointer(one, here),
            rule=_RULES[one.kind],
            formula=_formula(one, rate, invoice),
            exact=_major(exact, one.denominator, invoice.currency),
            result=from_minor(one.result, invoice.currency),
            rounding=_major(one.result * one.denominator - exact, one.denominator, invoice.currency),
        )


def _pointer(one: Rounded, rate: str) -> str:
    """Where a number stands in the document; `rate` is where its rate does."""
    share_of = {-2: f"{rate}/discount_", -1: f"{rate}/shipping_"}.get(one.place, f"/lines/{one.place}/")
    return {
        "amount": f"/lines/{one.place}/amount",
        "line_discount": f"/lines/{one.place}/discount/amount",
        "discount": "/discount/amount",
        "discount_share": f"{rate}/discount",
        "shipping_share": f"{rate}/shipping",
        "net": f"{rate}/taxable",
        "tax": f"{rate}/tax",
        "net_share": f"{share_of}net",
        "tax_share": f"{share_of}tax_amount",
    }[one.kind]


def _formula(one: Rounded, rate: Decimal, invoice: Invoice) -> str:
    def money(units: int) -> str:
        return decimal_text(from_minor(units, invoice.currency))

    match one.kind:
        case "amount":
            line = invoice.lines[one.place]
            factors = f"{decimal_text(line.quantity)} × {decimal_text(line.unit_price)}"
            return factors if line.price_base_quantity == 1 else f"{factors} ÷ {decimal_text(line.price_base_quantity)}"
        case "line_discount" | "discount":
            discount = invoice.discount if one.kind == "discount" else invoice.lines[one.place].discount
            percent = discount.percent if discount and discount.percent else Decimal(0)
            return f"{money(one.of)} × {decimal_text(percent)} %"
        case "discount_share" | "shipping_share":
            return f"{money(one.numerator)} × {money(one.of)} ÷ {money(one.denominator)}"
        case "net" | "net_share":
            return f"{money(one.of)} ÷ (1 + {decimal_text(rate)} %)"
        case "tax" | "tax_share":
            return f"{money(one.of)} × {decimal_text(rate)} %"


def _major(numerator: int, denominator: int, currency: str) -> str:
    """A fraction of minor units in the major one, to ten decimals."""
    with localcontext(prec=60):
        exact = Decimal(numerator) / denominator / 10 ** exponent(currency)
        text = decimal_text(round(exact, _DECIMALS))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sums(invoice: Invoice, groups: list[Group], sums: Totals) -> Iterator[tuple[str, str, int, Decimal]]:
    """One sum: its place, its parts, the rule and the result."""
    text = decimal_text

    def money(units: int) -> str:
        return text(from_minor(units, invoice.currency))

    inclusive = invoice.price_tax_inclusive
    amounts = {place: amount for group in groups for place, amount in zip(group.places, group.amounts, strict=True)}
    for place, line in enumerate(sums.lines):
        at, amount = f"/lines/{place}", money(amounts[place])
        if inclusive:
            yield f"{at}/tax_amount", f"{amount} − {text(line.net)}", 4, line.tax_amount
        else:
            yield f"{at}/net", amount, 1, line.net
        yield f"{at}/total", f"{text(line.net)} + {text(line.tax_amount)}", 4, line.total
    for group, rate in zip(groups, sums.tax_breakdown, strict=True):
        at = f"/tax_breakdown/{_rates(invoice).index(group.tax.key)}"
        base = f"{money(group.lines_sum)} − {money(group.discount)} + {money(group.shipping)}"
        if inclusive:
            yield f"{at}/tax", f"{base} − {text(rate.taxable)}", 3, rate.tax
        else:
            yield f"{at}/taxable", base, 3, rate.taxable
    yield "/subtotal", _added([line.net for line in sums.lines]), 5, sums.subtotal
    discounts, costs = ([from_minor(group.nets[place], invoice.currency) for group in groups] for place in (-2, -1))
    yield "/discount_amount", _added([-part for part in discounts]), 5, sums.discount_amount
    yield "/shipping_cost", _added(costs), 5, sums.shipping_cost
    yield "/tax", _added([rate.tax for rate in sums.tax_breakdown]), 5, sums.tax
    of = f"{text(sums.subtotal)} − {text(sums.discount_amount)} + {text(sums.shipping_cost)} + {text(sums.tax)}"
    yield "/total", of, 5, sums.total


def _compared(invoice: Invoice, sums: Totals) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Every number as computed, and as the document shows it: they differ in credit notes only."""
    for place, (came_to, line) in enumerate(zip(sums.lines, invoice.lines, strict=True)):
        for name in ("net", "tax_amount", "total"):
            yield f"/lines/{place}/{name}", getattr(came_to, name), getattr(line, name)
    for rate in sums.tax_breakdown:
        place = _rates(invoice).index((rate.category, rate.rate))
        for name in ("taxable", "tax"):
            yield f"/tax_breakdown/{place}/{name}", getattr(rate, name), getattr(invoice.tax_breakdown[place], name)
    for name in ("subtotal", "discount_amount", "shipping_cost", "tax", "total"):
        yield f"/{name}", getattr(sums, name), getattr(invoice, name)


def _added(parts: list[Decimal]) -> str:
    return " + ".join(map(decimal_text, parts)) or "0"
