"""The explanation of a document's totals: every number with its rule, formula and rounding.

The numbers come from the same computation (`totals`), repeated with its intermediate results recorded.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Literal

from invoicing.core.currency import from_minor
from invoicing.core.ids import PriceId
from invoicing.core.model import Amount, Value, decimal_text
from invoicing.invoices.model import Invoice
from invoicing.pricing.allowances import AdjustmentEntry, document_entries, line_entries
from invoicing.pricing.formulas import in_major_unit, price_formula
from invoicing.pricing.line import Line
from invoicing.pricing.payable import shown_payable
from invoicing.pricing.tax import SPLIT_PAYMENT, normal
from invoicing.pricing.totals import Group, Totals, grouped, line_amount, line_entry_amounts, list_amount, summed
from invoicing.pricing.workings import AmountKind, Remembered, Rounded

_RULES: dict[AmountKind, str] = {
    "amount": "Rule 1: quantity × unit price ÷ base quantity, rounded half away from zero.",
    "line_entry": "Rule 1: an allowance or charge of the line in percent of its base, rounded half away from zero.",
    "entry": "Rule 2: an allowance or charge in percent of its base, rounded half away from zero.",
    "entry_share": "Rule 2: an allowance or charge, split over the rates by the sums of lines (largest remainder).",
    "net": "Rule 3: prices include tax, so the net is all of a rate ÷ (1 + rate), rounded half away from zero.",
    "tax": "Rule 3: the tax is the net of a rate × rate, rounded once for the rate, half away from zero.",
    "net_share": "Rule 4: the net of the rate, split over its parts so that they add up to it (largest remainder).",
    "tax_share": "Rule 4: the tax of the rate, split over its parts so that they add up to it (largest remainder).",
}
_SUM = "Rule {number}: a sum, nothing is rounded."
_GIVEN = "Rule 1: the net was calculated by another system and given with the line, 0.05 from ours at most (HUF 0.5)."
_PREPAID = "Rule 5: the net and the tax of each deposit, the prepaid amount, and the tax of a split payment (BT-113)."
_SPLIT = "Rule 5: the tax of category B (split payment in Italy), which the customer pays to the state."
_PAYABLE = "Rule 5: the total less what was prepaid, rounded by hand or to the tenant's step for the currency (BT-114)."
_CREDIT = "Per rate, all that is credited of an invoice ends at the invoice's own net and tax: the difference is here."


class ExplainedPrice(Value):
    """The price of the catalogue behind the amount of a line."""

    id: PriceId
    """Identifier of the price, `prc_` followed by a ULID."""
    version: int | None
    """Number of the version of the price."""
    tier: int | None
    """Number of the tier, starting at 1; null for prices without tiers."""


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
    price: ExplainedPrice | None = None
    """Price of the catalogue that the line was filled in from; null for all other amounts."""


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
    groups = grouped(invoice.lines, invoice, invoice.currency, workings)
    yield from _roundings(invoice, groups, workings)
    sums = summed(groups, len(invoice.lines), invoice.currency)
    for number, formula, rule, result in _sums(invoice, groups, sums):
        words, text = _SUM.format(number=rule), decimal_text(result)
        yield Explained(number=number, rule=words, formula=formula, exact=text, result=result, rounding="0")
    yield from _given_nets(invoice)
    if invoice.split_tax is not None:
        yield _split_tax(invoice)
    if invoice.type == "invoice" or invoice.split_tax is not None:
        if invoice.deducted or invoice.split_tax is not None:
            yield _prepaid_amount(invoice)
        yield _payable(invoice)
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
    rates, entries = _rates(invoice), document_entries(invoice)
    here = ""
    for one in workings.roundings:
        if one.kind in ("net", "tax", "entry_share"):
            here = f"/tax_breakdown/{rates.index(groups[one.place].tax.key)}"
        if one.place < 0 and not one.of:
            continue  # the rate has no part in this allowance or charge
        rate = rates[int(here.rpartition("/")[2])][1] if here else Decimal(0)
        exact = one.of * one.numerator
        yield Explained(
            number=_pointer(one, here, invoice, entries),
            rule=_RULES[one.kind],
            formula=_formula(one, rate, invoice, entries),
            exact=in_major_unit(exact, one.denominator, invoice.currency),
            result=from_minor(one.result, invoice.currency),
            rounding=in_major_unit(one.result * one.denominator - exact, one.denominator, invoice.currency),
            price=_price_of(invoice.lines[one.place]) if one.kind == "amount" else None,
        )


def _price_of(line: Line) -> ExplainedPrice | None:
    if line.price_id is None:
        return None
    return ExplainedPrice(id=line.price_id, version=line.price_version, tier=line.price_tier)


def _pointer(one: Rounded, rate: str, invoice: Invoice, entries: Sequence[AdjustmentEntry]) -> str:
    """The pointer to a number in the document; `rate` is the pointer to its rate."""
    match one.kind:
        case "line_entry":
            return f"/lines/{one.place}/{line_entries(invoice.lines[one.place])[one.entry].at}/amount"
        case "entry":
            return f"/{entries[one.entry].at}/amount"
        case "entry_share":
            return f"{rate}/{entries[one.entry].at}"
        case "net" | "tax":
            return f"{rate}/{'taxable' if one.kind == 'net' else 'tax'}"
        case "amount":
            return f"/lines/{one.place}/amount"
    share = "net" if one.kind == "net_share" else "tax_amount"
    return f"/lines/{one.place}/{share}" if one.place >= 0 else f"{rate}/{entries[one.place].at}_{share}"


def _formula(one: Rounded, rate: Decimal, invoice: Invoice, entries: Sequence[AdjustmentEntry]) -> str:
    def money(units: int) -> str:
        return decimal_text(from_minor(units, invoice.currency))

    match one.kind:
        case "amount":
            return price_formula(invoice.lines[one.place])
        case "line_entry" | "entry":
            of_line = line_entries(invoice.lines[one.place]) if one.kind == "line_entry" else entries
            return f"{money(one.of)} × {decimal_text(of_line[one.entry].percent or Decimal(0))} %"
        case "entry_share":
            return f"{money(one.numerator)} × {money(one.of)} ÷ {money(one.denominator)}"
        case "net" | "net_share":
            return f"{money(one.of)} ÷ (1 + {decimal_text(rate)} %)"
        case "tax" | "tax_share":
            return f"{money(one.of)} × {decimal_text(rate)} %"


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
        elif not invoice.lines[place].net_given:
            yield f"{at}/net", _line_formula(invoice.lines[place], invoice.currency), 1, line.net
        yield f"{at}/total", f"{text(line.net)} + {text(line.tax_amount)}", 4, line.total
    for group, rate in zip(groups, sums.tax_breakdown, strict=True):
        at = f"/tax_breakdown/{_rates(invoice).index(group.tax.key)}"
        base = " ".join((money(group.lines_sum), *_parts(group, money)))
        if inclusive:
            yield f"{at}/tax", f"{base} − {text(rate.taxable)}", 3, rate.tax
        else:
            yield f"{at}/taxable", base, 3, rate.taxable
    yield "/subtotal", _added([line.net for line in sums.lines]), 5, sums.subtotal
    discounts, costs = (
        [from_minor(sum(part), invoice.currency) for part in parts]
        for parts in ((group.allowance_nets for group in groups), (group.charge_nets for group in groups))
    )
    yield "/discount_amount", _added(discounts), 5, sums.discount_amount
    yield "/shipping_cost", _added(costs), 5, sums.shipping_cost
    yield "/tax", _added([rate.tax for rate in sums.tax_breakdown]), 5, sums.tax
    of = f"{text(sums.subtotal)} − {text(sums.discount_amount)} + {text(sums.shipping_cost)} + {text(sums.tax)}"
    yield "/total", of, 5, sums.total


def _parts(group: Group, money: Callable[[int], str]) -> Iterator[str]:
    """The allowances and charges of a rate, each with its sign."""
    yield from (f"− {money(part)}" for part in group.allowances or [0])
    yield from (f"+ {money(part)}" for part in group.charges or [0])


def _line_formula(line: Line, currency: str) -> str:
    """The net of a line: its amount, less allowances, plus charges; of a return they have the opposite sign."""

    def money(units: int) -> str:
        return decimal_text(from_minor(units, currency))

    gross = list_amount(line, currency)
    signs = ("−", "+") if gross >= 0 else ("+", "−")
    every = line_entry_amounts(line, currency)
    return " ".join((money(gross), *(f"{signs[entry.charge]} {money(units)}" for entry, _, units in every)))


def _given_nets(invoice: Invoice) -> Iterator[Explained]:
    """The nets that another system calculated, each with its distance from quantity × price."""
    for place, line in enumerate(invoice.lines):
        if line.net_given:
            ours = from_minor(
                line_amount(line.model_copy(update={"net_given": False}), invoice.currency), invoice.currency
            )
            yield Explained(
                number=f"/lines/{place}/net",
                rule=_GIVEN,
                formula=_line_formula(line, invoice.currency),
                exact=decimal_text(ours),
                result=line.net,
                rounding=decimal_text(line.net - ours),
            )


def _split_tax(invoice: Invoice) -> Explained:
    """The tax that the customer pays to the state: that of each rate of a split payment."""
    parts = [one.tax for one in invoice.tax_breakdown if one.category == SPLIT_PAYMENT]
    amount = sum(parts, from_minor(0, invoice.currency))
    text = decimal_text(amount)
    return Explained(number="/split_tax", rule=_SPLIT, formula=_added(parts), exact=text, result=amount, rounding="0")


def _prepaid_amount(invoice: Invoice) -> Explained:
    """The amount that was paid or asked for before.

    It is the net and tax of each deposit, money that was prepaid, and the tax of a split payment.
    """
    parts = [amount for one in invoice.deposits for amount in (one.net, one.tax)]
    if invoice.prepaid:
        of_others = [amount for one in invoice.prepaid.deposits for tax in one.tax_breakdown
                     for amount in (tax.taxable, tax.tax)]  # fmt: skip
        rest = invoice.prepaid.amount - sum(of_others)
        parts += [*of_others, *([rest] if rest else [])]
    parts += [invoice.split_tax] if invoice.split_tax is not None else []
    amount = sum(parts, from_minor(0, invoice.currency))
    text = decimal_text(amount)
    return Explained(
        number="/prepaid_amount", rule=_PREPAID, formula=_added(parts), exact=text, result=amount, rounding="0"
    )


def _payable(invoice: Invoice) -> Explained:
    """The payable amount: the total less the prepaid amount, rounded if that is agreed."""
    amounts = shown_payable(invoice)
    returned = amounts["prepaid_refunded"] + (invoice.deposits_released or 0)
    prepaid = amounts["prepaid_amount"] - returned
    exact = invoice.total - prepaid
    return Explained(
        number="/payable",
        rule=_PAYABLE,
        formula=f"{decimal_text(invoice.total)} − {decimal_text(prepaid)}",
        exact=decimal_text(exact),
        result=amounts["payable"],
        rounding=decimal_text(amounts["payable"] - exact) if amounts["payable"] != exact else "0",
    )


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
