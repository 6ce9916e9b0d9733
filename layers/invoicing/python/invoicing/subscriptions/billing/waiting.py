"""Charges and credits of changes that wait for the next invoice of their subscription.

Of charges, only their items and periods are stored. The invoice adds the difference between the terms of an item and
the lines that bill it, so that later changes, credits and the end of the subscription count.
"""

from collections.abc import Iterable, Iterator, Sequence

from invoicing.invoices.fields import BilledPeriod
from invoicing.settlement.model import WaitingCredit
from invoicing.store.store import Store
from invoicing.subscriptions.changing.model import WaitingCharge
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import due_of
from invoicing.subscriptions.workflow import periods_at


def waiting_rows(store: Store, subscription: Subscription) -> list[SubscriptionPeriod]:
    """The periods with charges that wait, in one read. Without any, nothing is read."""
    ids = dict.fromkeys(one.period for one in subscription.waiting_charges if not one.released)
    return periods_at(store, (BilledPeriod(subscription_id=subscription.id, period=id_) for id_ in ids))


def waiting_dues(subscription: Subscription, rows: Iterable[SubscriptionPeriod]) -> Iterator[Due]:
    """The periods to which the next invoice adds lines for charges that wait."""
    for row in rows:
        charges = [one for one in subscription.waiting_charges if one.period == row.id and not one.released]
        if charges:
            items = frozenset(one.item_id for one in charges if one.alone or row.invoice_id is not None)
            due = due_of(subscription, row)
            yield due._replace(bill_on=subscription.next_bill_on or due.bill_on, only=items)


def with_waiting(subscription: Subscription, charges: Sequence[WaitingCharge]) -> Subscription:
    """The subscription with further charges that wait, each once."""
    known = dict.fromkeys((*subscription.waiting_charges, *charges))
    return subscription.model_copy(update={"waiting_charges": tuple(known)})


def with_credits(subscription: Subscription, more: Iterable[WaitingCredit]) -> Subscription:
    """The subscription with further credit that pays its next invoice."""
    known = {one.invoice_id: one for one in subscription.waiting_credits}
    for one in more:
        before = known.get(one.invoice_id)
        amount = one.amount + (before.amount if before else 0)
        known[one.invoice_id] = one.model_copy(update={"amount": amount})
    return subscription.model_copy(update={"waiting_credits": tuple(known.values())})


def without_waiting(subscription: Subscription, dues: Iterable[Due], *, alone: bool = True) -> Subscription:
    """The subscription after periods were billed with all charges that wait, or skipped but for those `alone`."""
    ids = {due.id for due in dues if due.row is not None}
    left = tuple(one for one in subscription.waiting_charges if one.period not in ids or (one.alone and not alone))
    return subscription.model_copy(update={"waiting_charges": left})
