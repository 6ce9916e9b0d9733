"""The periods of the ledger that a change affects, before and after it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from invoicing.core.event import Event
from invoicing.core.identity import Moment
from invoicing.store.listing import items_from
from invoicing.store.store import Store
from invoicing.subscriptions.changing.documents import Documents
from invoicing.subscriptions.changing.model import SubscriptionChange
from invoicing.subscriptions.changing.settling import Placed, Settlement
from invoicing.subscriptions.events import PeriodsSkipped
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import dues_between, full_start
from invoicing.subscriptions.table import periods_from

_DAY = timedelta(days=1)


def billed_rows(store: Store, subscription: Subscription, change: SubscriptionChange) -> list[SubscriptionPeriod]:
    """The periods in the ledger that contain the day of a change or follow it, of the tracks that it affects."""
    named = {one.item_id for one in change.items}
    tracks = {one.track for one in subscription.items if change.anchor == "restart" or one.id in named}
    found = []
    for track in subscription.tracks:
        if track.code not in tracks or track.billed_through is None or track.billed_through < change.on:
            continue
        # The day before a restart is in the period that contains the day of the change.
        start = full_start(subscription, track, change.on - _DAY)
        key_range = periods_from(store.tenant_id, subscription.id, track.code, start)
        rows = (store.take(SubscriptionPeriod, item) for item in items_from(key_range))
        found += [one for one in rows if one.end >= change.on]
    return found


def with_gaps(
    subscription: Subscription, change: SubscriptionChange, rows: Sequence[SubscriptionPeriod], moment: Moment
) -> list[SubscriptionPeriod]:
    """The periods in the ledger that a change affects, and those between them on whose days only added items run.

    `subscription` has the terms after the change.
    """
    added = {one.item_id for one in change.items if one.item}
    return [*gaps(subscription, rows, change.on, added, moment), *rows]


def gaps(
    subscription: Subscription,
    rows: Sequence[SubscriptionPeriod],
    start: date,
    added: Collection[str],
    moment: Moment,
) -> Iterator[SubscriptionPeriod]:
    """The periods from a day on before billed ones, on whose days only added items run. No clock bills them."""
    tracks = {one.track for one in subscription.items if one.id in added}
    for track in subscription.tracks:
        of_track = [one for one in rows if (one.interval, one.timing) == (track.interval, track.timing)]
        since, others = start, [one for one in subscription.items if one.track == track.code and not one.once]
        others = [one for one in others if one.id not in added]
        for row in sorted(of_track, key=lambda one: one.start) if track.code in tracks else ():
            end = row.start - _DAY
            if not any(one.runs_within(since, end, subscription.first_billed_day) for one in others):
                dues = dues_between(subscription, track, since, end)
                yield from (one.begun(subscription.id, moment).billed(None, (), moment) for one in dues)
            since = row.end + _DAY


def settled_rows(settlement: Settlement, documents: Documents, at: datetime) -> Iterator[SubscriptionPeriod]:
    """The periods with the lines that bill them now. Those of a draft that is deleted have nothing to bill."""
    discarded = {one.id for one in documents.discarded}
    for row, items in settlement.rows:
        billed = tuple(
            one.entry.billed_by(documents.lines[id(one.entry)], one.invoice_id) if isinstance(one, Placed) else one
            for one in items
        )
        facts = (
            {"status": "skipped", "invoice_id": None, "counted": True, "free": True}
            if row.invoice_id in discarded
            else {}
        )
        yield row.model_copy(update={"items": billed, "updated_at": at, **facts})


def skipped_events(settlement: Settlement, documents: Documents) -> list[Event]:
    """The event about the periods of drafts that are deleted."""
    discarded = {one.id for one in documents.discarded}
    ids = tuple(row.id for row, _ in settlement.rows if row.invoice_id in discarded)
    return [PeriodsSkipped(periods=ids)] if ids else []
