"""Mandates that expire: banks refuse their debits after 36 months without one."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from invoicing.collection.events import PaymentMethodExpired
from invoicing.collection.model import PaymentMethod, expires_before
from invoicing.collection.table import default_moved, default_of, unused_before
from invoicing.core.event import Recorded
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.table import has_debits, without_debits


class Unused(NamedTuple):
    """A payment method whose mandate was not used for long."""

    customer_id: str
    method_id: str


def unused(store: Store, today: date) -> Iterator[Unused]:
    """The payment methods whose mandates may have expired by today."""
    return (Unused(*ids) for ids in unused_before(store.tenant_id, expires_before(today)))


def expire(store: Store, one: Unused, today: date) -> None:
    """Let a mandate expire, unless a debit is under way. A file that collects with it meanwhile wins."""
    retry_on_conflict(store, lambda fresh: _expire(fresh, one, today))


def _expire(store: Store, one: Unused, today: date) -> None:
    method = store.get(PaymentMethod, one.customer_id, one.method_id)
    if not method.is_expired(today) or has_debits(store, one.customer_id, one.method_id):
        return
    expired = Recorded(method.expired(moment_of(store)), PaymentMethodExpired())
    also = [without_debits(one.customer_id, one.method_id)]
    if default_of(store, one.customer_id) == one.method_id:
        also.append(default_moved(one.customer_id, one.method_id, None))
    store.commit(expired, also=also)
