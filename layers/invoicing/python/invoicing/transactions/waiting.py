"""Refunds that wait for a file with more than their documents owe now."""

from decimal import Decimal

from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import freed, waiting_credit


def unowed_of(store: Store, invoice_id: str, owed: Decimal) -> Transaction | None:
    """The refund of a document that waits for more than is owed, if there is one."""
    waiting = waiting_credit(store, invoice_id)
    return waiting if waiting is not None and waiting.amount > owed else None


def end_unowed(store: Store, invoice_id: str, owed: Decimal) -> None:
    """End the refund of a document that waits for more than is owed, before a refund by hand.

    It has a commit of its own: a commit that records another refund has the condition that none is under way.
    """
    unowed = unowed_of(store, invoice_id, owed)
    if unowed is not None:
        store.require_new()
        Store(store.session).advance(unowed.canceled(moment_of(store)), also=[freed([unowed])])
