"""The credits of an invoice before and after each change of its balance, by tax rate."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from invoicing.invoices.model import Invoice
from invoicing.pricing.tax import normal
from invoicing.reports.balance import Balance, BalanceChange
from invoicing.reports.facts.model import Credits
from invoicing.reports.facts.shares import NetAndTax, Parts, added, owed, parts_of, share, units_of
from invoicing.settlement.credit import Credited


def has_credits(change: BalanceChange) -> bool:
    """Whether something is credited before or after a change."""
    return change.credit_id is not None or bool(change.before.credited or change.after.credited)


def credits_of(document: Invoice, changes: Sequence[BalanceChange], rows: Iterable[Credited]) -> Iterator[Credits]:
    """The credits before and after each change of an invoice, from all of its changes in order.

    Each change names the document that it credits, or credits no longer. Changes of earlier code do not: then the
    credits are those that were issued and not void at that time, or the present ones if these are the credited amount.
    """
    known = {one.credit_note_id: one for one in rows}
    counting: frozenset[str] = frozenset()
    for change in changes:
        before = counting
        if change.credit_id is not None:
            counting = counting ^ {change.credit_id}
        elif change.before.credited != change.after.credited:
            counting = _counting(document, known, change)
        yield Credits(
            _parts(document, known, before, change.before),
            _parts(document, known, counting, change.after),
        )


def _counting(document: Invoice, known: Mapping[str, Credited], change: BalanceChange) -> frozenset[str]:
    """The credits after a change that names none. A document from before has one with its present balance."""
    then = frozenset(one.credit_note_id for one in known.values() if _counts(one, change))
    now = frozenset(one.credit_note_id for one in known.values() if not one.void)
    credited = units_of(change.after.credited, document.currency)
    sums = {ids: owed(_sum_of(known, ids, document.currency)) for ids in (then, now)}
    return now if sums[now] == credited != sums[then] else then


def _counts(credit: Credited, change: BalanceChange) -> bool:
    return credit.created_at <= change.at and not (credit.void and credit.updated_at <= change.at)


def _parts(document: Invoice, known: Mapping[str, Credited], ids: Iterable[str], balance: Balance) -> Parts:
    """The parts of these credits. If they do not add up to the credited amount, it is divided in their proportion."""
    found = _sum_of(known, ids, document.currency)
    credited = units_of(balance.credited, document.currency)
    if owed(found) == credited:
        return found
    return share(credited, found if owed(found) else parts_of(document.tax_breakdown, document.currency))


def _sum_of(known: Mapping[str, Credited], ids: Iterable[str], currency: str) -> Parts:
    found: Parts = {}
    for id_ in sorted(ids):
        for rate in known[id_].rates if id_ in known else ():
            part = NetAndTax(units_of(rate.net, currency), units_of(rate.tax, currency))
            found = added(found, {(rate.category, normal(rate.rate)): part})
    return found
