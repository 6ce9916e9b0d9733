"""Recomputes the changes of balances and the facts of a month from the documents, and corrects the stored ones."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple, get_args

from invoicing.core import clock
from invoicing.core.identity import Caller
from invoicing.reports.balance import BalanceChange
from invoicing.reports.facts.model import Fact, FactBasis
from invoicing.reports.facts.recording import facts_by_change
from invoicing.reports.facts.table import fact_at, fact_key, month_of_facts, put_fact
from invoicing.reports.table import (
    beginning_of,
    change_key,
    changes_in,
    documents_changed_in,
    history_of,
    last_change,
    put_change,
    remove_row,
)
from invoicing.store.keys import Key
from invoicing.store.listing import items_from
from invoicing.store.rows.items import model_of
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.table import tenant_of

Row = BalanceChange | Fact


class Rebuilt(NamedTuple):
    """The documents, changes and facts of a month, and the stored changes and facts that were wrong."""

    documents: int
    changes: int
    facts: int
    missing: int
    different: int
    surplus: int

    @property
    def was_equal(self) -> bool:
        """Whether the stored changes and facts were those of the documents."""
        return not (self.missing or self.different or self.surplus)


def rebuild(tenant_id: str, month: datetime, *, check: bool) -> Rebuilt:
    """Recompute a month from the timelines of its documents. With `check`, nothing is written.

    It has the changes that were recorded in the month with their facts, and all facts that count in the month. Changes
    that are made meanwhile are recorded as always: a repetition of the same change writes the same.
    """
    month = beginning_of(month)
    stored = dict(_stored(tenant_id, month))
    time_zone = tenant_of(_store(tenant_id)).time_zone
    found: dict[Key, type[Row]] = {}
    documents = missing = different = 0
    ids = dict.fromkeys([*documents_changed_in(tenant_id, month), *(row.document_id for row in stored.values())])
    for document_id in ids:
        history = history_of(tenant_id, document_id)
        documents += bool(history)
        for key, row in _rows(tenant_id, history, month, time_zone):
            found[key] = type(row)
            known = stored[key] if key in stored else _stored_elsewhere(key, row)
            missing += known is None
            different += known not in (None, row)
            late = row is history[-1] and last_change(tenant_id, document_id) != row
            if not check and (known != row or late):
                _put(tenant_id, row)
    surplus = stored.keys() - found.keys()
    for key in [] if check else sorted(surplus):
        remove_row(key)
    kinds = [*found.values()]
    return Rebuilt(documents, kinds.count(BalanceChange), kinds.count(Fact), missing, different, len(surplus))


def _rows(tenant_id: str, history: list[BalanceChange], month: datetime, time_zone: str) -> Iterator[tuple[Key, Row]]:
    """The changes of a document that were recorded in a month, their facts, and other facts that count in it."""
    facts = facts_by_change(_store(tenant_id), history, time_zone) if history else ()
    for change, of_it in zip(history, facts, strict=True):
        recorded = beginning_of(change.at) == month
        if recorded:
            yield change_key(tenant_id, change), change
        yield from ((fact_key(tenant_id, one), one) for one in of_it if recorded or _same_month(one.date, month))


def _stored(tenant_id: str, month: datetime) -> Iterator[tuple[Key, Row]]:
    for item in items_from(changes_in(tenant_id, month, None, None)):
        yield Key.of(item), model_of(BalanceChange, item)
    for basis in get_args(FactBasis):
        yield from month_of_facts(tenant_id, basis, month.date())


def _stored_elsewhere(key: Key, row: Row) -> Row | None:
    """The stored fact of another month that was recorded in this one."""
    return fact_at(key) if isinstance(row, Fact) else None


def _put(tenant_id: str, row: Row) -> None:
    if isinstance(row, Fact):
        put_fact(tenant_id, row)
    else:
        put_change(tenant_id, row)


def _store(tenant_id: str) -> Store:
    """A store that has read nothing yet, so that the documents of a month are not all kept in memory."""
    return Store(Session(Caller.system(tenant_id), clock.now()))


def _same_month(day: date, month: datetime) -> bool:
    return (day.year, day.month) == (month.year, month.month)
