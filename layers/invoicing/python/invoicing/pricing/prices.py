"""The lines of an invoice or order with their amounts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from invoicing.core.currency import from_minor
from invoicing.core.errors import Invalid, Violation
from invoicing.core.ids import new_ids
from invoicing.core.model import values_of
from invoicing.pricing.allowances import (
    AdjustmentEntry,
    DocumentAllowance,
    DocumentCharge,
    LineAllowance,
    LineCharge,
    LineEntry,
    PriceTerms,
)
from invoicing.pricing.line import FilledLine, Line, LineContent, NewLine
from invoicing.pricing.totals import entry_amounts, line_entry_amounts, totals


def priced(terms: PriceTerms, lines: Iterable[LineContent], *, currency: str, at: datetime) -> dict[str, Any]:
    """The lines, each with an id and its amounts, and the sums of all."""
    given, ids = tuple(lines), new_ids("lin", at)
    sums = totals(given, terms, currency)
    return {
        "lines": tuple(
            Line(
                **_content(line) | {"id": vars(line).get("id") or next(ids)},
                net=amounts.net,
                net_given=line.given_net is not None,
                tax_amount=amounts.tax_amount,
                total=amounts.total,
            )
            for line, amounts in zip(given, sums.lines, strict=True)
        ),
        "tax_breakdown": sums.tax_breakdown,
        "subtotal": sums.subtotal,
        "discount_amount": sums.discount_amount,
        "shipping_cost": sums.shipping_cost,
        "tax": sums.tax,
        "total": sums.total,
    }


def with_sources[L: NewLine](lines: Iterable[L], kept: Iterable[Line]) -> Iterator[NewLine]:
    """Lines after a change. Those whose price did not change keep the price of the catalogue that they came from."""
    sources = {line.id: line for line in kept if line.price_id is not None}
    for line in lines:
        before = None if isinstance(line, FilledLine) else sources.get(vars(line).get("id") or "")
        if before is not None and _price_of(before) == _price_of(line):
            yield FilledLine(**dict(line), **before.source)
        else:
            yield line


def _price_of(line: LineContent) -> tuple[object, ...]:
    return line.unit_price, line.price_base_quantity, line.gross_price, line.price_discount


def _content(line: LineContent) -> dict[str, Any]:
    return {name: value for name, value in vars(line).items() if name != "net"}


def entries_listed(lines: Sequence[Line], terms: PriceTerms, currency: str) -> dict[str, Any]:
    """Lines, allowances and charges as responses list them: all with their amounts, including shorthands."""
    allowances, charges = _listed(entry_amounts(lines, terms, currency), currency, DocumentAllowance, DocumentCharge)
    return {
        "allowances": allowances,
        "charges": charges,
        "lines": tuple(_with_entries(line, currency) for line in lines),
    }


def _with_entries(line: Line, currency: str) -> Line:
    entries = line_entry_amounts(line, currency)
    if not entries:
        return line
    allowances, charges = _listed(entries, currency, LineAllowance, LineCharge)
    return line.model_copy(update={"allowances": allowances, "charges": charges})


def _listed[A: LineEntry, C: LineEntry](
    entries: Iterable[tuple[AdjustmentEntry, int, int]], currency: str, allowance: type[A], charge: type[C]
) -> tuple[tuple[A, ...], tuple[C, ...]]:
    """Entries by their kind, with their computed amounts."""
    allowances: list[A] = []
    charges: list[C] = []
    for entry, base, units in entries:
        kind = charge if entry.charge else allowance
        facts = values_of(entry, kind.model_fields) | {"amount": from_minor(units, currency)}
        if entry.percent is not None:
            facts["base"] = from_minor(base, currency)
        if entry.charge:
            charges.append(charge(**facts))
        else:
            allowances.append(allowance(**facts))
    return tuple(allowances), tuple(charges)


def require_line_ids(lines: Iterable[object], kept: Iterable[Line]) -> None:
    """Refuse unknown ids and repeated ids, because credits find a line by its id alone."""
    known, seen = {line.id for line in kept}, set[str]()
    wrong = []
    for place, line in enumerate(lines):
        id_ = getattr(line, "id", None)
        if id_ is None:
            continue
        if id_ not in known:
            wrong.append(Violation(f"/lines/{place}/id", "LINE_NOT_FOUND", "The document has no line with this id."))
        elif id_ in seen:
            wrong.append(Violation(f"/lines/{place}/id", Invalid.code, "Another line of the request has this id."))
        seen.add(id_)
    if wrong:
        raise Invalid("The id of a line is unknown or repeated.", errors=tuple(wrong))
