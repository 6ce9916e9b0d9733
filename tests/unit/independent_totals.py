"""A second implementation of the contract's arithmetic, in fractions and in another order, to verify the totals."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any

EXPONENTS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


class TooMuchOff(Exception):
    """A discount exceeds its base."""


def rounded(value: Fraction) -> int:
    """Half away from zero."""
    return floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def largest_remainder(total: int, ideals: list[Fraction]) -> list[int]:
    """Parts that add up: one unit at a time to the part furthest below its exact value, the first among equals."""
    parts = [floor(ideal) for ideal in ideals]
    lacking = [ideal - part for ideal, part in zip(ideals, parts, strict=True)]
    for _ in range(total - sum(parts)):
        place = lacking.index(max(lacking))
        parts[place] += 1
        lacking[place] = Fraction(-1)
    return parts


def independent(invoice: dict[str, Any]) -> dict[str, Any]:
    """All totals of an invoice, in minor units, from its JSON."""
    scale = 10 ** EXPONENTS[invoice["currency"]]
    amounts = [line_amount(line, scale) for line in invoice["lines"]]
    rates = [(line["tax"]["category"], Fraction(str(line["tax"].get("rate", 0)))) for line in invoice["lines"]]
    groups = list(dict.fromkeys(rates))
    sums: dict[tuple[str, Fraction], int] = defaultdict(int)
    for key, amount in zip(rates, amounts, strict=True):
        sums[key] += amount
    off, on = document_parts(invoice, groups, sums, scale)
    net_of, tax_of, taken, added = [0] * len(amounts), [0] * len(amounts), 0, 0
    breakdown = {}
    for key in groups:
        places = [place for place, rate in enumerate(rates) if rate == key]
        allowances, charges = [-part.get(key, 0) for part in off], [part.get(key, 0) for part in on]
        parts = [amounts[place] for place in places] + allowances + charges
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
        taken -= sum(nets[len(places) : len(places) + len(off)])
        added += sum(nets[len(places) + len(off) :])
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


def payable(invoice: dict[str, Any], total: int, deposits: Iterable[int] = (), step: str | None = None) -> int:
    """The payable amount: the total less the prepaid amount and the deposits, plus the rounding (BR-CO-16).

    Without a rounding by hand an amount above zero is rounded to the nearest multiple of the tenant's step.
    """
    scale = 10 ** EXPONENTS[invoice["currency"]]
    prepaid = Fraction(invoice["prepaid"]["amount"]) if "prepaid" in invoice else Fraction(0)
    amount = total - int(prepaid * scale) - sum(deposits)
    if "rounding" in invoice:
        return amount + int(Fraction(invoice["rounding"]) * scale)
    if step is None or amount <= 0:
        return amount
    units = Fraction(step) * scale
    return int(rounded(Fraction(amount) / units) * units)


def line_amount(line: dict[str, Any], scale: int) -> int:
    """Quantity × price ÷ base quantity, less the line's allowances, plus its charges; or the given net amount."""
    if "net" in line:
        return int(Fraction(line["net"]) * scale)
    gross = line_gross(line, scale)
    sign = 1 if gross >= 0 else -1
    off = [entry_amount(one, abs(gross), scale) for one in with_short(line, "allowances", "discount")]
    on = [entry_amount(one, abs(gross), scale) for one in line.get("charges", ())]
    if sum(off) > abs(gross):
        raise TooMuchOff
    return sign * (abs(gross) - sum(off) + sum(on))


def line_gross(line: dict[str, Any], scale: int) -> int:
    """Quantity × price ÷ base quantity."""
    exact = Fraction(str(line["quantity"])) * Fraction(line["unit_price"]) * scale
    return rounded(exact / Fraction(str(line.get("price_base_quantity", 1))))


def with_short(thing: dict[str, Any], name: str, short: str) -> list[dict[str, Any]]:
    """Allowances with the discount among them, charges with the shipping."""
    return [*thing.get(name, ()), *([thing[short]] if short in thing else ())]


def entry_amount(entry: dict[str, Any], whole: int, scale: int) -> int:
    """The amount of an allowance or charge: given, or a percentage of its base."""
    if "amount" in entry:
        return int(Fraction(entry["amount"]) * scale)
    base = Fraction(entry["base"]) * scale if "base" in entry else Fraction(whole)
    return rounded(base * Fraction(entry["percent"]) / 100)


Key = tuple[str, Fraction]


def document_parts(
    invoice: dict[str, Any], groups: list[Key], sums: dict[Key, int], scale: int
) -> tuple[list[dict[Key, int]], list[dict[Key, int]]]:
    """The share of each rate in each allowance and charge. Rates that only these have are appended."""
    of_lines, whole = list(groups), max(0, sum(sums.values()))
    found: tuple[list[dict[Key, int]], list[dict[Key, int]]] = [], []
    split_off = 0
    for parts, name, short in ((found[0], "allowances", "discount"), (found[1], "charges", "shipping")):
        for entry in with_short(invoice, name, short):
            tax = entry.get("tax")
            if tax is None:
                amount = entry_amount(entry, whole, scale)
                parts.append(shared(amount, of_lines, sums))
                split_off += amount if name == "allowances" else 0
                continue
            key = (tax["category"], Fraction(str(tax.get("rate", 0))))
            if key not in groups:
                groups.append(key)
            parts.append({key: entry_amount(entry, max(0, sums.get(key, 0)), scale)})
    if split_off > whole:
        raise TooMuchOff
    return found


def shared(total: int, groups: list[Key], sums: dict[Key, int]) -> dict[Key, int]:
    """A sum split over the groups, by their positive amounts."""
    weights = [max(0, sums[key]) for key in groups]
    if not sum(weights):
        return dict(zip(groups, [total, *[0] * len(groups)], strict=False))
    ideals = [Fraction(total * weight, sum(weights)) for weight in weights]
    return dict(zip(groups, largest_remainder(total, ideals), strict=True))
