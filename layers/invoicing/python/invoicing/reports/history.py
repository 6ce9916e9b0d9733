"""All changes of a document's balance, from its timeline.

Each entry about a change has it, except entries of code from before there were such changes: it also ran during the
deployment of that version, and runs after a roll-back. The changes of such entries follow from the balances around
them, and are ascribed to one of them: that of the issue if it is among them, else the last one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from invoicing.core.ids import twin
from invoicing.invoices.events import InvoiceCanceled, InvoiceFinalized
from invoicing.invoices.model import InvoiceSummary
from invoicing.reports.balance import NOT_ISSUED, Balance, BalanceChange, change_between


class TimelineEntry(NamedTuple):
    """An entry of a timeline: its event, and the change that it has."""

    id: str
    type: str
    at: datetime
    change: BalanceChange | None


class TimelineIncomplete(Exception):
    """The balance of a document changed without any entry in its timeline."""


def history(document: InvoiceSummary, revision: int, entries: Iterable[TimelineEntry]) -> list[BalanceChange]:
    """The changes of a document until its revision, in order.

    Entries that are newer than the document have their own changes. The order of entries is that of their times, which
    are equal within a millisecond and differ between workers, so changes are in the order of their revisions.
    """
    entries = list(entries)
    known = sorted((one.change for one in entries if one.change is not None), key=lambda change: change.revision)
    unknown = [one for one in entries if one.change is None]
    found: list[BalanceChange] = []
    balance = NOT_ISSUED
    for change in known:
        if balance != change.before:
            between = found[-1].id if found else None, change.id
            found.append(_ascribed(document, (balance, change.before), unknown, between, change.revision - 1))
        found.append(change)
        balance = change.after
    if balance != Balance.of(document) and (not found or found[-1].revision < revision):
        rest = found[-1].id if found else None, None
        found.append(_ascribed(document, (balance, Balance.of(document)), unknown, rest, revision))
    return found


def _ascribed(
    document: InvoiceSummary,
    balances: tuple[Balance, Balance],
    entries: list[TimelineEntry],
    between: tuple[str | None, str | None],
    revision: int,
) -> BalanceChange:
    """The change from one balance to another, ascribed to an entry between two changes, which is taken out."""
    after, until = (id_ and twin("act", id_) for id_ in between)
    near = [one for one in entries if (after is None or after < one.id) and (until is None or one.id < until)]
    if not entries:
        raise TimelineIncomplete(document.id)
    kind = InvoiceCanceled if balances[1].void and balances[0].issued else InvoiceFinalized
    entry = next((one for one in near if one.type == kind.entry_type()), (near or entries)[-1])
    entries.remove(entry)
    return change_between(*balances, document, id_=twin("evt", entry.id), at=entry.at, revision=revision)
