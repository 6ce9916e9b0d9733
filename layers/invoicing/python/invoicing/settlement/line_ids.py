"""Issued invoices with repeated line ids, which earlier releases accepted from clients.

Credits count by the line's id, so they count such lines under distinct ids. The issued invoice keeps its ids.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from invoicing.core.errors import Invalid, Violation
from invoicing.core.ids import successor
from invoicing.invoices.model import Invoice
from invoicing.settlement.credit import Credited, CreditedPart


class Distinct(NamedTuple):
    """An invoice in which each line has its own id, and its credits with these ids."""

    invoice: Invoice
    so_far: Sequence[Credited]


def distinct(invoice: Invoice, so_far: Sequence[Credited]) -> Distinct:
    """Give each line a distinct id, always the same one, so that later credits find it."""
    if not _repeated(invoice):
        return Distinct(invoice, so_far)
    ids, taken = defaultdict[str, list[str]](list), {line.id for line in invoice.lines}
    lines = list(invoice.lines)
    # In the order in which a credit by amount lists the lines: rate by rate.
    rates = list(dict.fromkeys(line.tax.key for line in lines))
    for place, line in sorted(enumerate(invoice.lines), key=lambda one: rates.index(one[1].tax.key)):
        id_ = line.id
        while ids[line.id] and id_ in taken:
            id_ = successor(id_)
        ids[line.id].append(id_)
        taken.add(id_)
        lines[place] = line.model_copy(update={"id": id_})
    renamed = [_renamed(one, ids) for one in so_far]
    return Distinct(invoice.model_copy(update={"lines": tuple(lines)}), renamed)


def require_unambiguous(invoice: Invoice, parts: Iterable[CreditedPart]) -> None:
    """Refuse to credit one of several lines with the same id, because it is ambiguous."""
    repeated = _repeated(invoice)
    message = "Several lines of the invoice have this id. Credit an amount or the whole invoice instead."
    wrong = tuple(
        Violation(f"/lines/{place}/line_id", "LINE_AMBIGUOUS", message)
        for place, part in enumerate(parts)
        if part.line_id in repeated
    )
    if wrong:
        raise Invalid(message, errors=wrong)


def _repeated(invoice: Invoice) -> set[str]:
    return {id_ for id_, times in Counter(line.id for line in invoice.lines).items() if times > 1}


def _renamed(credited: Credited, ids: dict[str, list[str]]) -> Credited:
    """A credit with the ids that its lines are counted by; those of earlier releases name an id several times."""
    places = Counter[str]()
    lines = []
    for line in credited.lines:
        names = ids.get(line.id, [line.id])
        lines.append(line.model_copy(update={"id": names[min(places[line.id], len(names) - 1)]}))
        places[line.id] += 1
    return credited.model_copy(update={"lines": tuple(lines)})
