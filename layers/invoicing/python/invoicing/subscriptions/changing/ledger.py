"""The periods of the ledger that a change affects, before and after it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from invoicing.core.event import Event
from invoicing.store.listing import items_from
from invoicing.store.store import Store
from invoicing.subscriptions.changing.documents import Documents
from invoicing.subscriptions.changing.model import SubscriptionChange
from invoicing.subscriptions.changing.settling import Placed, Settlement
from invoicing.subscriptions.events import PeriodsSkipped
from invoicing.subscriptions.items import Item
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import due_of, full_start
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


def cut_by_end(subscription: Subscription, rows: Sequence[SubscriptionPeriod], last: date) -> set[str]:
    """The items of which billed periods lack days after an end on `last`, now that the subscription goes on.

    A change before the end charged only the days up to it: its lines end with it, or it charged nothing. Lines that a
    user took back are no reason to charge.
    """
    runs = {one.id for one in subscription.items if not one.once}
    cut = {
        one.item_id
        for row in rows
        for one in row.items
        if one.end == last < row.end and one.quantity_on(last) and not one.released and one.is_by_days
    }
    waiting = {(one.period, one.item_id) for one in subscription.waiting_charges}
    lacking = (
        item.id
        for row in rows
        for item in subscription.items
        if (row.id, item.id) not in waiting and _lacks(subscription, row, item, last + _DAY)
    )
    return (cut & runs) | set(lacking)


def _lacks(subscription: Subscription, row: SubscriptionPeriod, item: Item, start: date) -> bool:
    """Whether the first day of an item in a billed period, from `start` on, is billed for less than its terms."""
    first, lines = subscription.first_billed_day, [one for one in row.items if one.item_id == item.id]
    day = max(start, row.start, item.first_day(first))
    due = due_of(subscription, row)
    ends = min(row.end, item.end_date or row.end)
    # No change before terms that begin later is possible, so that such an item lacks nothing.
    if row.invoice_id is None or item.track != due.track.code or day > ends or not item.has_terms_of(start):
        return False
    if item.once:
        return not lines and item.first_day(first) >= start
    if item.share_of(due.period, first) is None or any(one.released or not one.is_by_days for one in lines):
        return False
    [terms] = item.terms_in(day, day)
    if terms.price is None:
        return row.billed_quantity(item.id, day) < terms.quantity
    # Parts of a price have quantities of their own.
    changed = any(one.item_id == item.id for made in subscription.changes for one in made.items)
    return changed or not row.billed_quantity(item.id, day)


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
