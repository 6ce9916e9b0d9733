"""Refunds that wait for a file, after their documents owe less: nobody may be paid by them."""

from decimal import Decimal

from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.table import freed, waiting_credit


def end_unowed(store: Store, invoice_id: str, most: Decimal) -> bool:
    """End the refund of a document that waits for more than may leave it. Returns whether there was one.

    It has a commit of its own: a commit that records another refund has the condition that none is under way.
    """
    waiting = waiting_credit(store, invoice_id)
    if waiting is None or waiting.amount <= most:
        return False
    alone = Store(store.session)
    alone.advance(waiting.canceled(moment_of(store)), also=[freed([waiting])])
    return True
