"""The contract's arithmetic once more, in fractions and in another order: what the totals are held against."""

from collections import defaultdict
from fractions import Fraction
from math import floor
from typing import Any

EXPONENTS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


class TooMuchOff(Exception):
    """A discount takes more than there is."""


def rounded(value: Fraction) -> int:
    """Half away from zero."""
    return floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def largest_remainder(total: int, ideals: list[Fraction]) -> list[int]:
    """Parts that add up: one unit at a time to whoever is furthest below the ideal, the first among equals."""
    parts = [floor(ideal) for ideal in ideals]
    lacking = [ideal - part for ideal, part in zip(ideals, parts, strict=True)]
    for _ in range(total - sum(parts)):
        place = lacking.index(max(lacking))
        parts[place] += 1
        lacking[place] = Fraction(-1)
    return parts


def independent(invoice: dict[str, Any]) -> dict[str, Any]:
    """Everything an invoice comes to, in minor units, from its JSON."""
    scale = 10 ** EXPONENTS[invoice["currency"]]
    amounts = [line_amount(line, scale) for line in invoice["lines"]]
    rates = [(line["tax"]["category"], Fraction(str(line["tax"].get("rate", 0)))) for line in invoice["lines"]]
    groups = list(dict.fromkeys(rates))
    sums: dict[tuple[str, Fraction], int] = defaultdict(int)
    for key, amount in zip(rates, amounts, strict=True):
        sums[key] += amount
    discounts = shared(document_discount(invoice, sum(amounts), scale), groups, sums)
    shipping = invoice.get("shipping")
    costs: dict[tuple[str, Fraction], int] = dict.fromkeys(groups, 0)
    if shipping:
        cost = int(Fraction(shipping["amount"]) * scale)
        if "tax" in shipping:
            own = (shipping["tax"]["category"], Fraction(str(shipping["tax"].get("rate", 0))))
            if own not in groups:
                groups.append(own)
            costs = {**dict.fromkeys(groups, 0), own: cost}
        else:
            costs = shared(cost, groups, sums)
    net_of, tax_of, taken, added = [0] * len(amounts), [0] * len(amounts), 0, 0
    breakdown = {}
    for key in groups:
        places = [place for place, rate in enumerate(rates) if rate == key]
        parts = [amounts[place] for place in places] + [-discounts.get(key, 0), costs.get(key, 0)]
        rate = key[1] / 100
        if invoice.get("price_tax_inclusive"):
            ideals = [part / (1 + rate) for part in map(Fraction, parts)]
            nets = largest_remainder(rounded(sum(ideals, Fraction(0))), ideals)
            taxes = [part - net for part, net in zip(parts, nets, strict=True)]
        else:
            nets = parts
            ideals = [part * rate for part in map(Fraction, parts)]
            taxes = largest_remainder(rounded(sum(ideals, Fraction(0))), ideals)
        for place, net, tax in zip(places, nets, taxes, strict=False):
            net_of[place], tax_of[place] = net, tax
        taken -= nets[-2]
        added += nets[-1]
        breakdown[key] = (sum(nets), sum(taxes))
    tax_sum = sum(tax for _, tax in breakdown.values())
    return {
        "nets": net_of,
        "taxes": tax_of,
        "subtotal": sum(net_of),
        "discount_amount": taken,
        "shipping_cost": added,
        "tax": tax_sum,
        "breakdown": breakdown,
        "total": sum(net_of) - taken + added + tax_sum,
    }


def line_amount(line: dict[str, Any], scale: int) -> int:
    """Quantity × price ÷ base quantity, less the line's discount."""
    exact = Fraction(str(line["quantity"])) * Fraction(line["unit_price"]) * scale
    gross = rounded(exact / Fraction(str(line.get("price_base_quantity", 1))))
    discount = line.get("discount")
    if not discount:
        return gross
    if "percent" in discount:
        return gross - rounded(gross * Fraction(discount["percent"]) / 100)
    off = int(Fraction(discount["amount"]) * scale)
    if off > abs(gross):
        raise TooMuchOff
    return gross - off if gross >= 0 else gross + off


def document_discount(invoice: dict[str, Any], base: int, scale: int) -> int:
    """The discount on the whole."""
    discount = invoice.get("discount")
    if not discount:
        return 0
    if "percent" in discount:
        return rounded(max(0, base) * Fraction(discount["percent"]) / 100)
    off = int(Fraction(discount["amount"]) * scale)
    if off > max(0, base):
        raise TooMuchOff
    return off


def shared(
    total: int, groups: list[tuple[str, Fraction]], sums: dict[tuple[str, Fraction], int]
) -> dict[tuple[str, Fraction], int]:
    """A sum over the groups, by what is positive of them."""
    weights = [max(0, sums[key]) for key in groups]
    if not sum(weights):
        return dict(zip(groups, [total, *[0] * len(groups)], strict=False))
    ideals = [Fraction(total * weight, sum(weights)) for weight in weights]
    return dict(zip(groups, largest_remainder(total, ideals), strict=True))
