"""Allowances and charges in the terms of EN 16931: each belongs to one category and rate (BG-20, BG-21).

The sums of a document are stored as they were computed, and the shares of its rates add up to them. So a share in a
credit note may differ by cents from a computation for its entry alone.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import from_minor, to_minor
from invoicing.documents.einvoice.terms import Adjustment, Rated
from invoicing.documents.texts.model import Texts
from invoicing.invoices.model import Invoice
from invoicing.pricing.allowances import DISCOUNT_CODE, FREIGHT_CODE, AdjustmentEntry, document_entries
from invoicing.pricing.net_prices import NetPrice, comes_to, near
from invoicing.pricing.tax import Tax, TaxAmount, normal
from invoicing.pricing.totals import Group, grouped

_UNNAMED_OFF = AdjustmentEntry("discount", False, None, None, None, None, DISCOUNT_CODE, None)  # noqa: FBT003
_UNNAMED_ON = AdjustmentEntry("shipping", True, None, None, None, None, FREIGHT_CODE, None)  # noqa: FBT003
"""The allowances or charges of a rate beyond its lines if the document lists none."""


class Borne(NamedTuple):
    """The net of each allowance and charge of a document in one rate, in minor units."""

    off: list[int]
    on: list[int]


def rated(tax: Tax | TaxAmount) -> Rated:
    """A category and its rate, which category O does not have (BR-O-05 to BR-O-07)."""
    return Rated(tax.category, None if tax.category == "O" else normal(tax.rate))


def line_adjustments(price: NetPrice, texts: Texts) -> Iterator[Adjustment]:
    """The allowances and charges of a line (BG-27, BG-28). On a returned line an allowance is written as a charge."""
    for entry, taken in price.parts:
        charge, amount = taken < 0, abs(taken)
        if entry is not None and not taken:
            charge = entry.charge
        if entry is None:
            code = None if charge else DISCOUNT_CODE
            yield Adjustment(charge, amount, None, None, texts.label("discount"), code)
            continue
        base = entry.base if entry.base is not None else abs(price.before)
        stated = comes_to(entry.percent, base, amount) or _is_given(entry, base, amount)
        yield _adjustment(entry, amount, base if stated else None, None, texts, charge=charge)


def document_adjustments(document: Invoice, texts: Texts) -> Iterator[Adjustment]:
    """The allowances of a document, then its charges, each by category and rate."""
    if not (document.discount_amount or document.shipping_cost or document.allowances or document.charges):
        return
    entries = document_entries(document)
    off = [entry for entry in entries if not entry.charge] or [_UNNAMED_OFF]
    on = [entry for entry in entries if entry.charge] or [_UNNAMED_ON]
    taxes, lines = document.tax_breakdown, _of_lines(document)
    borne = shares(
        [tax.taxable - of_lines for tax, of_lines in zip(taxes, lines, strict=True)],
        _nominal(document, len(off), len(on)),
        document.shipping_cost,
        document.currency,
    )
    for kind, named in (("off", off), ("on", on)):
        for number, entry in enumerate(named):
            for tax, of_lines, part in zip(taxes, lines, borne, strict=True):
                units = getattr(part, kind)[number]
                of_this_rate = entry.tax is not None and entry.tax.key == (tax.category, normal(tax.rate))
                if not units and not (entry.is_stated_zero and of_this_rate):
                    continue
                amount = from_minor(abs(units), document.currency)
                base = of_lines if entry.base is None or entry.tax is None else entry.base
                given = entry.tax is not None and _is_given(entry, base, amount)
                stated = base if given or comes_to(entry.percent, base, amount) else None
                yield _adjustment(entry, amount, stated, rated(tax), texts, charge=(kind == "on") == (units >= 0))


def _adjustment(
    entry: AdjustmentEntry, amount: Decimal, base: Decimal | None, tax: Rated | None, texts: Texts, *, charge: bool
) -> Adjustment:
    """An allowance or a charge. Its percentage is stated only with a base that gives its amount (BT-93, BT-94)."""
    code = entry.reason_code if charge == entry.charge else None
    shorthand = {"discount": "discount", "shipping": "shipping"}.get(entry.at)
    usual = texts.label(shorthand or ("charge" if charge else "discount")) if shorthand or code is None else None
    percent = None if base is None else entry.percent
    return Adjustment(charge, amount, base, percent, entry.reason or usual, code, tax)


def _is_given(entry: AdjustmentEntry, base: Decimal, amount: Decimal) -> bool:
    """Whether an amount is the stated one, near to its percentage if it has one."""
    return amount == entry.amount and (entry.has_base_alone or near(entry.percent, base, amount))


def _of_lines(document: Invoice) -> list[Decimal]:
    """The net of the lines of each rate."""
    return [
        sum(
            (line.net for line in document.lines if line.tax.key == (tax.category, normal(tax.rate))),
            from_minor(0, document.currency),
        )
        for tax in document.tax_breakdown
    ]


def _nominal(document: Invoice, off: int, on: int) -> list[Borne]:
    """The part of each rate in each entry, computed from the document as it is."""
    groups: dict[tuple[str, Decimal], Group] = {
        group.tax.key: group for group in grouped(document.lines, document, document.currency)
    }
    found = []
    for tax in document.tax_breakdown:
        group = groups.get((tax.category, normal(tax.rate)))
        found.append(
            Borne(
                (group.allowance_nets if group else []) or [0] * off, (group.charge_nets if group else []) or [0] * on
            )
        )
    return found


def shares(beyond: list[Decimal], nominal: list[Borne], charges: Decimal, currency: str) -> list[Borne]:
    """The parts of each rate, adjusted to its taxable amount and to the sum of the document's charges.

    `beyond` is the amount taxed at a rate beyond its lines. A difference goes to the largest entry of the rate: to its
    charges up to the sum of all charges, the rest to its allowances.
    """
    lacking = to_minor(charges, currency, pointer="") - sum(sum(one.on) for one in nominal)
    found = []
    for whole, one in zip(beyond, nominal, strict=True):
        off, on = list(one.off), list(one.on)
        more = to_minor(whole, currency, pointer="") - sum(on) + sum(off)
        to_charges = max(min(more, lacking), 0) if lacking > 0 else min(max(more, lacking), 0)
        lacking -= to_charges
        on[_largest(on)] += to_charges
        off[_largest(off)] -= more - to_charges
        found.append(Borne(off, on))
    return found


def _largest(units: list[int]) -> int:
    return max(range(len(units)), key=lambda place: abs(units[place]))
