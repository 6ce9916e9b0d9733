"""The facts of changes, from the document with its credits."""

from collections.abc import Iterator, Sequence

from invoicing.invoices.model import Invoice
from invoicing.reports.balance import BalanceChange
from invoicing.reports.facts.credits import credits_of, has_credits
from invoicing.reports.facts.model import Credits, Fact, facts_of
from invoicing.reports.facts.table import put_fact
from invoicing.reports.table import history_of
from invoicing.settlement.credit import Credited
from invoicing.store.store import Store
from invoicing.tenants.table import tenant_of


def record_facts(store: Store, change: BalanceChange) -> None:
    """Put the facts of a change. Only a change of credited amounts needs the changes before it."""
    until = [change]
    if has_credits(change):
        history = history_of(store.tenant_id, change.document_id)
        until = [*(one for one in history if one.revision < change.revision), change]
    time_zone = tenant_of(store).time_zone
    *_, facts = facts_by_change(store, until, time_zone)
    for fact in facts:
        put_fact(store.tenant_id, fact)


def facts_by_change(store: Store, changes: Sequence[BalanceChange], time_zone: str) -> Iterator[list[Fact]]:
    """The facts of each change of a document. They are its first changes until one, or one without credits."""
    document = store.get(Invoice, changes[0].document_id)
    if document.type != "invoice" or not any(map(has_credits, changes)):
        credits_ = [Credits()] * len(changes)
    else:
        credits_ = list(credits_of(document, changes, store.all(Credited, document.id)))
    for change, of_it in zip(changes, credits_, strict=True):
        yield list(facts_of(change, document, of_it, time_zone))
