"""The decision of a user about one period of a subscription."""

from collections.abc import Iterator
from datetime import date

from invoicing.core.event import Recorded
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.fields import BilledPeriod
from invoicing.store.listing import items_from
from invoicing.store.store import Store
from invoicing.subscriptions.billing.bills import held, skip
from invoicing.subscriptions.billing.pausing import resumed
from invoicing.subscriptions.billing.units import basis_of, bill_of, commit_bill
from invoicing.subscriptions.billing.waiting import waiting_dues, waiting_rows
from invoicing.subscriptions.changing.applying import in_force_before
from invoicing.subscriptions.errors import PeriodBilled, PeriodNotFound
from invoicing.subscriptions.events import PeriodsSkipped, SubscriptionUpdated, status_events
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import due_of, dues_from
from invoicing.subscriptions.table import periods_from
from invoicing.subscriptions.workflow import periods_at
from invoicing.tenants.table import moment_of, tenant_of


def bill_period(store: Store, subscription_id: str, period: str) -> SubscriptionPeriod:
    """Bill a period now: early, again after it was released or skipped, or although billing waits for a user.

    Periods that one invoice billed and that were released with it are billed together again.
    """
    subscription = store.get(Subscription, subscription_id)
    basis = basis_of(store, subscription)
    due = _due(store, subscription, period)
    if due.is_over:
        raise InvalidState("The subscription ends before the period.", pointer="/action", allowed_actions=("skip",))
    waiting = () if due.row else waiting_dues(subscription, waiting_rows(store, subscription))
    made = bill_of(store, subscription, (due, *_released_with(store, subscription, due), *waiting), basis)
    return commit_bill(store, subscription, made, basis.parties)


def _released_with(store: Store, subscription: Subscription, due: Due) -> Iterator[Due]:
    """The periods that were released with one: a discount of an amount is granted once for all of them."""
    row = due.row
    others = [one for one in row.released_with if one != row.id] if row and row.status == "released" else []
    for one in periods_at(store, (BilledPeriod(subscription_id=subscription.id, period=id_) for id_ in others)):
        other = due_of(subscription, one)
        if row and one.is_released_with(row) and not other.is_over:
            yield other


def skip_period(store: Store, subscription_id: str, period: str) -> SubscriptionPeriod:
    """Skip a period that is not billed."""
    subscription = store.get(Subscription, subscription_id)
    tenant = tenant_of(store)
    moment = store.session.moment
    due = _due(store, subscription, period)
    made = skip(subscription, due, today=tenant.today(moment.at), moment=moment)
    after = made.subscription.model_copy(update=moment.updated)
    events = [PeriodsSkipped(periods=tuple(one.id for one in made.periods)), *status_events(subscription, after)]
    first, *in_pause = made.periods
    return store.commit(first, *in_pause, Recorded(after, *events))


def resume(store: Store, subscription_id: str, *, bill: bool) -> Subscription:
    """Resume a subscription, and record the periods of its pause unless they are billed after all.

    The next hour records those that are more than a transaction holds.
    """
    subscription, moment = store.get(Subscription, subscription_id), moment_of(store)
    if bill and (paused := list(_paused(store, subscription))):
        detail = f"Bill or skip these paused periods first: {', '.join(paused)}."
        raise InvalidState(detail, pointer="/bill", allowed_actions=())
    after = resumed(subscription, bill=bill, moment=moment)
    made = held(after, moment.today, moment)
    if made is not None:
        after = made.subscription.model_copy(update=moment.updated)
    rows = made.periods if made else ()
    skipped = [PeriodsSkipped(periods=tuple(one.id for one in rows))] if rows else []
    events = [*skipped, *status_events(subscription, after)] or [SubscriptionUpdated()]
    return store.commit(Recorded(after, *events), *rows)


def _paused(store: Store, subscription: Subscription) -> Iterator[str]:
    """The periods of a pause that are recorded as paused already, because a later period was billed."""
    pause = subscription.paused
    for track in subscription.tracks if pause else ():
        if pause and track.billed_through and track.billed_through >= pause.first:
            key_range = periods_from(store.tenant_id, subscription.id, track.code, pause.first)
            rows = (store.take(SubscriptionPeriod, item) for item in items_from(key_range))
            yield from (one.id for one in rows if one.status == "paused")


def _due(store: Store, subscription: Subscription, period: str) -> Due:
    """The period, if it can be billed or skipped: one of the ledger, or the next one of a track.

    One of the ledger has no invoice, lines whose invoice was deleted or canceled, or charges that wait.
    """
    if store.exists(SubscriptionPeriod, subscription.id, period):
        row = store.get(SubscriptionPeriod, subscription.id, period)
        waits = any(one.period == period for one in subscription.waiting_charges)
        if row.invoice_id is not None and not (row.has_released or waits):
            raise PeriodBilled(f"The period is billed by the invoice {row.invoice_id}.", allowed_actions=())
        return due_of(subscription, row)
    due = _next_due(subscription, period)
    if due is None:
        raise PeriodNotFound
    return due


def _next_due(subscription: Subscription, period: str) -> Due | None:
    """The next period of a track after the scheduled changes up to its first day, by its identifier then or now."""
    code, ids = period.partition(".")[0], set()
    while due := next((one for one in dues_from(subscription, date.min, date.max) if one.track.code == code), None):
        ids.add(due.id)
        after = in_force_before(subscription, [due])
        if after is subscription:
            return due if period in ids else None
        subscription = after
    return None
