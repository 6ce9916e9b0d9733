"""How changes of balances are stored, by tenant and month, and the list of documents with an open balance."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from invoicing import config
from invoicing.core.activity import Activity
from invoicing.core.errors import ConcurrentModification
from invoicing.core.ids import new_id, twin
from invoicing.core.model import instant_text
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import KIND as INVOICES
from invoicing.invoices.table import invoice_key
from invoicing.reports.balance import IN_ENTRY, BalanceChange
from invoicing.reports.history import TimelineEntry, history
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import KeyRange, items_from
from invoicing.store.reading import item_at, items_beginning
from invoicing.store.rows.items import keyed, listed, model_of
from invoicing.store.rows.revisions import Row, next_revision
from invoicing.store.store import Store
from invoicing.store.table import read_item
from invoicing.store.transaction import Write, delete, overwrite, transact, write_alone

_OPEN = "OPN"
_LAST = "BALANCE"


class NewerChange(Exception):
    """A later change of the document was recorded before."""


def change_at(store: Store, document_id: str, event_id: str) -> BalanceChange | None:
    """The change of a balance that an event announced; None if its commit changed none."""
    item = item_at(invoice_key(store.tenant_id, document_id).at(keys.ACTIVITY + twin("act", event_id)))
    return change_in(item) if item else None


def change_in(entry: Item) -> BalanceChange | None:
    """The change of a balance in the entry of a timeline."""
    return model_of(BalanceChange, entry, entry[IN_ENTRY]["S"]) if IN_ENTRY in entry else None


def put_change(tenant: str, change: BalanceChange) -> None:
    """Put a change into its month, and the document into the list of open ones or out of it.

    A repetition writes the same again. A change that arrives after a later one leaves the document as it is.
    """
    write_alone(overwrite(_change_item(tenant, change)))
    try:
        write_alone(_last(tenant, change))
    except NewerChange:
        return


def remove_row(key: Key) -> None:
    """Remove a change or fact that no timeline has."""
    transact([delete(key)], on_timeout=ConcurrentModification())


def _change_item(tenant: str, change: BalanceChange) -> Item:
    """The item of a change in the partition of its month."""
    return keyed(change_key(tenant, change), "balance_change", change.stored)


def change_key(tenant: str, change: BalanceChange) -> Key:
    """The key of a change: its month in UTC, then customer and currency, so that a group is read at once."""
    return Key(month_of(tenant, change.at).partition, f"{change.group}#{change.id}")


def bounds_of(customer_id: str) -> tuple[str, str]:
    """The bounds of a customer's groups."""
    return f"{customer_id}#", f"{customer_id}#~"


def bounds_after(group: str, low: str | None, high: str | None, *, descending: bool) -> tuple[str | None, str | None]:
    """The bounds of the groups that follow one in the order of a list."""
    return (low, f"{group}#") if descending else (f"{group}#~", high)


def month_of(tenant: str, at: datetime) -> Key:
    """The partition of the changes of a month."""
    return keys.of(tenant, "BALANCES", f"{at:%Y-%m}")


def changes_in(tenant: str, month: datetime, low: str | None, high: str | None) -> KeyRange:
    """The changes of a month, in the order of their groups."""
    return KeyRange(IndexPartition(None, month_of(tenant, month).partition), low, high)


def open_documents(tenant: str, low: str | None, high: str | None) -> KeyRange:
    """The last change of each document with an open balance, in the order of their groups."""
    return KeyRange(keys.of_tenant(tenant, _OPEN), low, high)


def documents_to_refund(tenant: str, currency: str) -> Iterator[str]:
    """The ids of documents that owe money to their customers, by the last change of each."""
    for item in items_from(open_documents(tenant, None, None)):
        change = model_of(BalanceChange, item, shows=True)
        if change.after.refund_due > 0 and change.currency == currency and not change.self_billed:
            yield change.document_id


def documents_changed_in(tenant: str, month: datetime) -> Iterator[str]:
    """The documents that can have changes in a month: those that existed then and were changed since it began."""
    begin, end = new_id("inv", month), new_id("inv", following(month))
    for item in items_from(KeyRange(keys.of_tenant(tenant, INVOICES), None, end)):
        if item["updated_at"]["S"] >= instant_text(month) or item["GSI1SK"]["S"] >= begin:
            yield item["GSI1SK"]["S"]


def last_change(tenant: str, document_id: str) -> BalanceChange | None:
    """The last recorded change of a document."""
    item = item_at(invoice_key(tenant, document_id).at(_LAST))
    return model_of(BalanceChange, item) if item else None


def history_of(tenant: str, document_id: str) -> list[BalanceChange]:
    """All changes of a document, from its timeline. Its present state is read first, so that no entry is missing."""
    key = invoice_key(tenant, document_id)
    head = item_at(key)
    if head is None:
        return []
    entries = [_entry(item) for item in items_beginning(key, keys.ACTIVITY)]
    return history(read_item(InvoiceSummary, head), next_revision(Row.of(head)) - 1, entries)


def months_since(at: datetime, now: datetime) -> Iterator[datetime]:
    """The months of all changes from one moment to another, both in UTC; none if it lies ahead."""
    if at > now:
        return
    month = beginning_of(at)
    while month <= now:
        yield month
        month = following(month)


def beginning_of(at: datetime) -> datetime:
    """The first moment of a month."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def following(month: datetime) -> datetime:
    """The first moment of the month after a month."""
    return beginning_of(month + timedelta(days=31))


def _entry(item: Item) -> TimelineEntry:
    entry = model_of(Activity, item)
    return TimelineEntry(entry.id, entry.type, entry.created_at, change_in(item))


def _last(tenant: str, change: BalanceChange) -> Write:
    """The last known change of a document, beside it. It stays when nothing is open, and no older one replaces it."""
    item = _last_item(tenant, change)
    request: Any = {
        "Put": {
            "TableName": config.setting("TABLE_NAME"),
            "Item": item,
            "ConditionExpression": "attribute_not_exists(PK) OR revision <= :revision",
            "ExpressionAttributeValues": {":revision": {"N": str(change.revision)}},
        }
    }
    return Write(request, lambda _: NewerChange())


def _last_item(tenant: str, change: BalanceChange) -> Item:
    item = keyed(invoice_key(tenant, change.document_id).at(_LAST), "balance", change.stored)
    item["revision"] = {"N": str(change.revision)}
    if change.after.is_open:
        item |= listed((keys.of_tenant(tenant, _OPEN), f"{change.group}#{change.document_id}"))
    return item
