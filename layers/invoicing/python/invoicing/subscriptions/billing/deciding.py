"""The decision of a user about one period of a subscription."""

from invoicing.core.event import Recorded
from invoicing.store.store import Store
from invoicing.subscriptions.billing.bills import skip
from invoicing.subscriptions.billing.units import bill_of, commit_bill, parties_of
from invoicing.subscriptions.errors import PeriodBilled, PeriodNotFound
from invoicing.subscriptions.events import PeriodsSkipped, status_events
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import Due, due_of, next_due


def bill_period(store: Store, subscription_id: str, period: str) -> SubscriptionPeriod:
    """Bill a period now: early, again after it was released or skipped, or although billing waits for a user."""
    subscription = store.get(Subscription, subscription_id)
    parties = parties_of(store, subscription)
    made = bill_of(store, subscription, (_due(store, subscription, period),), parties)
    return commit_bill(store, subscription, made, parties)


def skip_period(store: Store, subscription_id: str, period: str) -> SubscriptionPeriod:
    """Skip a period that is not billed."""
    subscription = store.get(Subscription, subscription_id)
    parties = parties_of(store, subscription)
    moment = store.session.moment
    due = _due(store, subscription, period)
    made = skip(subscription, due, today=parties.tenant.today(moment.at), moment=moment)
    after = made.subscription.model_copy(update=moment.updated)
    events = [PeriodsSkipped(periods=(period,)), *status_events(subscription, after)]
    return store.commit(made.periods[0], Recorded(after, *events))


def _due(store: Store, subscription: Subscription, period: str) -> Due:
    """The period, if it can be billed or skipped: one of the ledger without an invoice, or the next one of a track."""
    if store.exists(SubscriptionPeriod, subscription.id, period):
        row = store.get(SubscriptionPeriod, subscription.id, period)
        if row.invoice_id is not None:
            raise PeriodBilled(f"The period is billed by the invoice {row.invoice_id}.")
        return due_of(subscription, row)
    due = next_due(subscription, period)
    if due is None:
        raise PeriodNotFound
    return due
