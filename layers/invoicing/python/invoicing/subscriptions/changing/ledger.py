"""The periods of the ledger that a change affects, before and after it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

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
from invoicing.subscriptions.periods import Track
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
    """The periods in the ledger that a change affects, and those before them on whose days only added items run.

    No clock bills a period before one that is billed already. `subscription` has the terms after the change.
    """
    added = {one.item_id: one.item.track for one in change.items if one.item}
    gaps: list[SubscriptionPeriod] = []
    for track in subscription.tracks:
        if track.code not in added.values():
            continue
        before = [one for one in subscription.items if one.track == track.code and one.id not in added]
        start = change.on
        for row in sorted(_rows_of(track, rows), key=lambda one: one.start):
            end = row.start - _DAY
            if not any(one.runs_within(start, end, subscription.first_billed_day) for one in before):
                dues = dues_between(subscription, track, start, end)
                gaps += [one.begun(subscription.id, "skipped", moment) for one in dues]
            start = row.end + _DAY
    return [*gaps, *rows]


def _rows_of(track: Track, rows: Iterable[SubscriptionPeriod]) -> Iterator[SubscriptionPeriod]:
    return (one for one in rows if (one.interval, one.timing) == (track.interval, track.timing))


def settled_rows(settlement: Settlement, documents: Documents, at: datetime) -> Iterator[SubscriptionPeriod]:
    """The periods with the lines that bill them now. Those of a draft that is deleted have nothing to bill."""
    discarded = {one.id for one in documents.discarded}
    for row, items in settlement.rows:
        billed = tuple(
            one.entry.billed_by(documents.lines[id(one.entry)], one.invoice_id) if isinstance(one, Placed) else one
            for one in items
        )
        facts = {"status": "skipped", "invoice_id": None, "counted": True} if row.invoice_id in discarded else {}
        yield row.model_copy(update={"items": billed, "updated_at": at, **facts})


def skipped_events(settlement: Settlement, documents: Documents) -> list[Event]:
    """The event about the periods of drafts that are deleted."""
    discarded = {one.id for one in documents.discarded}
    ids = tuple(row.id for row, _ in settlement.rows if row.invoice_id in discarded)
    return [PeriodsSkipped(periods=ids)] if ids else []
