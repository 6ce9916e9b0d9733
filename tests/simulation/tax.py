"""The tax that documents stand for by their rates, computed another way than the reports do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
Amounts = tuple[Decimal, Decimal]
"""Taxable amount and tax."""
ByRate = dict[tuple[str, Decimal], Amounts]
CENT = Decimal("0.01")


def tax_of(documents: Iterable[Json]) -> Mapping[tuple[str, str, Decimal], Amounts]:
    """Taxable amount and tax by currency, category and rate: breakdowns of documents less their corrections."""
    documents = [one for one in documents if one["status"] != "draft"]
    found: defaultdict[tuple[str, str, Decimal], Amounts] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for one in documents:
        for (category, rate), (net, tax) in _standing(one, documents).items():
            known = found[one["currency"], category, rate]
            found[one["currency"], category, rate] = known[0] + net, known[1] + tax
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def _standing(one: Json, documents: list[Json]) -> ByRate:
    whole = breakdown(one)
    if one["type"] != "invoice":
        return {} if one["status"] == "canceled" else _sum((whole, -1))
    if not Decimal(one["deposits_released"] or 0):
        whole = _sum((whole, 1), *((breakdown(deposit), -1) for deposit in one["deposits"]))
    for other in (one["prepaid"] or {}).get("references", ()):
        whole = _sum((whole, 1), (breakdown(other), -1))
    notes = [note for note in documents if note["type"] != "invoice" and note["status"] != "canceled"]
    credited = (note for note in notes if note["references"] and note["references"][0]["invoice_id"] == one["id"])
    left = _sum((whole, 1), *((breakdown(note), -1) for note in credited))
    discount = share(Decimal(one["cash_discount_taken"]), left)
    lost: ByRate = {}
    if Decimal(one["written_off"]) and one["close_reason"] != "settled_elsewhere":
        rest = _sum((left, 1), (discount, -1))
        received = _received(one, _owed(rest))
        lost = _sum((rest, 1), (share(received, rest), -1))
    return _sum((whole, 1), (discount, -1), (lost, -1))


def _received(one: Json, rest: Decimal) -> Decimal:
    """The part of the rest that was not written off. A rounding and an earlier debt are part of no rate."""
    of_the_state = Decimal(one.get("split_tax") or 0)
    credited, total = Decimal(one["credited"]), Decimal(one["total"]) - of_the_state
    debt = max(of_the_state - Decimal(one["prepaid_amount"] or 0), Decimal(0))
    asked = rest + (0 if credited >= total > 0 else Decimal(one["rounding"] or 0) + debt)
    paid = asked - Decimal(one["written_off"])
    return paid if asked == rest else (rest * paid / asked).quantize(CENT, ROUND_HALF_UP)


def breakdown(document: Json) -> ByRate:
    """The tax breakdown of a document or deposit."""
    return {
        (one["category"], Decimal(one["rate"]).normalize()): (Decimal(one["taxable"]), Decimal(one["tax"]))
        for one in document["tax_breakdown"]
    }


def share(amount: Decimal, whole: ByRate) -> ByRate:
    """The share of an amount in each rate, by largest remainder."""
    total = _owed(whole)
    if not amount or not total:
        return {}
    exact = {rate: Fraction(amount) * Fraction(_owed({rate: both})) / Fraction(total) for rate, both in whole.items()}
    cents = {rate: (part * 100).__floor__() for rate, part in exact.items()}
    missing = int(amount * 100) - sum(cents.values())
    largest = sorted(exact, key=lambda rate: (cents[rate] - exact[rate] * 100, rate))[:missing]
    parts = {rate: Decimal(cents[rate] + (rate in largest)) / 100 for rate in exact}
    return {rate: _taxed(part, *whole[rate], split=rate[0] == "B") for rate, part in parts.items()}


def _taxed(gross: Decimal, net: Decimal, tax: Decimal, *, split: bool) -> Amounts:
    if split:
        return gross, (gross * tax / net if net else Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    exact = gross * tax / (net + tax) if net + tax else Decimal(0)
    of_it = exact.quantize(CENT, ROUND_HALF_UP)
    return gross - of_it, of_it


def _owed(parts: ByRate) -> Decimal:
    """The amount that the customer owes: of category B (split payment) the net alone."""
    return sum((net + (0 if rate[0] == "B" else tax) for rate, (net, tax) in parts.items()), Decimal(0))


def _sum(*signed: tuple[ByRate, int]) -> ByRate:
    found: ByRate = {}
    for parts, sign in signed:
        for rate, (net, tax) in parts.items():
            known = found.get(rate, (Decimal(0), Decimal(0)))
            found[rate] = known[0] + sign * net, known[1] + sign * tax
    return {rate: amounts for rate, amounts in found.items() if any(amounts)}
