"""The periods of the ledger that a change affects, before and after it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from invoicing.core.event import Event
from invoicing.store.listing import items_from
from invoicing.store.store import Store
from invoicing.subscriptions.changing.documents import Documents
from invoicing.subscriptions.changing.model import SubscriptionChange
from invoicing.subscriptions.changing.settling import Placed, Settlement
from invoicing.subscriptions.events import PeriodsSkipped
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import full_start
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
