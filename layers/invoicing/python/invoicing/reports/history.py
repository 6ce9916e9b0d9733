"""All changes of a document's balance, from its timeline.

Each entry about a change has it, except entries of code from before there were such changes: it also ran during the
deployment of that version, and runs after a roll-back. The changes of such entries follow from the balances around
them, and are ascribed to one of them: that of the issue if it is among them, else the last one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from invoicing.core.ids import twin
from invoicing.invoices.events import InvoiceFinalized
from invoicing.invoices.model import InvoiceSummary
from invoicing.reports.balance import Balance, BalanceChange, change_between


class TimelineEntry(NamedTuple):
    """An entry of a timeline: its event, and the change that it has."""

    id: str
    type: str
    at: datetime
    change: BalanceChange | None


class TimelineIncomplete(Exception):
    """The balance of a document changed without any entry in its timeline."""


def history(document: InvoiceSummary, revision: int, entries: Sequence[TimelineEntry]) -> list[BalanceChange]:
    """The changes of a document until its revision, in order.

    Entries that are newer than the document have their own changes.
    """
    found: list[BalanceChange] = []
    unknown: list[TimelineEntry] = []
    balance = Balance()
    for entry in entries:
        change = entry.change
        if change is None:
            unknown.append(entry)
            continue
        found += _ascribed(document, balance, change.before, unknown, change.revision - 1)
        found.append(change)
        unknown, balance = [], change.after
    if not found or found[-1].revision < revision:
        found += _ascribed(document, balance, Balance.of(document), unknown, revision)
    return found


def _ascribed(
    document: InvoiceSummary, before: Balance, after: Balance, entries: Sequence[TimelineEntry], revision: int
) -> list[BalanceChange]:
    if before == after:
        return []
    if not entries:
        raise TimelineIncomplete(document.id)
    issue = (one for one in entries if one.type == InvoiceFinalized.entry_type())
    entry = next(issue, entries[-1])
    return [change_between(before, after, document, id_=twin("evt", entry.id), at=entry.at, revision=revision)]
