"""Recomputes the changes of balances in a month from the documents, and corrects the stored ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from invoicing.reports.balance import BalanceChange
from invoicing.reports.table import (
    beginning_of,
    change_key,
    changes_in,
    documents_changed_in,
    history_of,
    last_change,
    put_change,
    remove_change,
)
from invoicing.store.keys import Key
from invoicing.store.listing import items_from
from invoicing.store.rows.items import model_of


class Rebuilt(NamedTuple):
    """The documents and changes of a month, and the stored changes that were wrong."""

    documents: int
    changes: int
    missing: int
    different: int
    surplus: int

    @property
    def was_equal(self) -> bool:
        """Whether the stored changes were those of the documents."""
        return not (self.missing or self.different or self.surplus)


def rebuild(tenant_id: str, month: datetime, *, check: bool) -> Rebuilt:
    """Recompute a month from the timelines of its documents. With `check`, nothing is written.

    Changes that are made meanwhile are recorded as always: a repetition of the same change writes the same.
    """
    month = beginning_of(month)
    stored = _stored(tenant_id, month)
    found: set[Key] = set()
    documents = missing = different = 0
    for document_id in documents_changed_in(tenant_id, month):
        history = history_of(tenant_id, document_id)
        documents += bool(history)
        for change in (one for one in history if beginning_of(one.at) == month):
            key = change_key(tenant_id, change)
            found.add(key)
            known = stored.get(key)
            missing += known is None
            different += known not in (None, change)
            late = change is history[-1] and last_change(tenant_id, document_id) != change
            if not check and (known != change or late):
                put_change(tenant_id, change)
    surplus = stored.keys() - found
    for key in [] if check else sorted(surplus):
        remove_change(key)
    return Rebuilt(documents, len(found), missing, different, len(surplus))


def _stored(tenant_id: str, month: datetime) -> Mapping[Key, BalanceChange]:
    items = items_from(changes_in(tenant_id, month, None, None))
    return {Key.of(item): model_of(BalanceChange, item) for item in items}
