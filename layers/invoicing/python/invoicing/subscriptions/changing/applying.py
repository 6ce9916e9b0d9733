"""The items and periods of a subscription after its changes."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from invoicing.core.errors import Invalid
from invoicing.subscriptions.changing.model import ChangedItem, SubscriptionChange
from invoicing.subscriptions.items import Item
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.periods import Anchor, EarlierAnchor
from invoicing.subscriptions.schedule import billed_through, dues_from, full_start, next_dues, scheduled

_MOST_IN_FORCE = 20
_DAY = timedelta(days=1)


def applied(subscription: Subscription, change: SubscriptionChange) -> Subscription:
    """The subscription with the items of a change, from its day on."""
    items = subscription.items
    for one in change.items:
        items = (
            (*items, one.item) if one.item else tuple(_changed(item, one, change.on, subscription) for item in items)
        )
    return subscription.model_copy(update={"items": items})


def _changed(item: Item, change: ChangedItem, on: date, subscription: Subscription) -> Item:
    if item.id != change.item_id:
        return item
    if change.op == "remove":
        last = on - _DAY
        return item.model_copy(update={"end_date": min(last, item.end_date or last)})
    terms: dict[str, Any] = {"quantity": change.quantity, "line": change.line, "price": change.price_on(on)}
    return item.changed(on, subscription.first_billed_day, **terms)


def in_force(subscription: Subscription, until: date) -> Subscription:
    """The subscription with its scheduled changes up to a day in force."""
    reached = [one for one in subscription.changes if one.status == "scheduled" and one.on <= until]
    for one in reached:
        subscription = applied(subscription, one)
    return scheduled(with_changes(subscription, _reached(subscription, until))) if reached else subscription


def _reached(subscription: Subscription, until: date) -> Iterable[SubscriptionChange]:
    for one in subscription.changes:
        yield one.model_copy(update={"status": "in_force"}) if one.on <= until else one


def in_force_for(subscription: Subscription, tracks: set[str], until: date) -> Subscription:
    """The subscription with the scheduled changes in force that periods of these tracks up to a day bill."""
    added = [one.item for change in subscription.changes for one in change.items if one.item]
    items = {one.id: one.track for one in (*added, *subscription.items)}
    days = [
        one.on
        for one in subscription.changes
        if one.on <= until and (one.anchor == "restart" or not tracks.isdisjoint(_tracks_of(one, items)))
    ]
    return in_force(subscription, max(days)) if days else subscription


def in_force_before(subscription: Subscription, dues: Iterable[Due]) -> Subscription:
    """The subscription with the changes in force that apply up to the first days of periods, and can move these."""
    starts = {due.track.code: due.period.start for due in dues}
    return in_force_for(subscription, set(starts), max(starts.values())) if starts else subscription


def in_force_at_next(subscription: Subscription) -> Subscription:
    """The subscription with the changes in force that apply before it is billed next, or can move its next periods."""
    while subscription.next_change_on and subscription.next_change_on <= (subscription.next_bill_on or date.max):
        subscription = in_force(subscription, subscription.next_change_on)
    after = in_force_before(subscription, next_dues(subscription))
    return subscription if after is subscription else in_force_at_next(after)


def _tracks_of(change: SubscriptionChange, items: dict[str, str]) -> set[str]:
    """The tracks of the items of a change."""
    return {one.item.track if one.item else items.get(one.item_id, "") for one in change.items}


def with_changes(subscription: Subscription, changes: Iterable[SubscriptionChange]) -> Subscription:
    """The subscription with other scheduled and recent changes, in the order of their days.

    Changes of one day keep their order: a later request replaces an earlier one.
    """
    ordered = sorted(changes, key=lambda one: one.on)
    known = [one for one in ordered if one.status == "in_force"][-_MOST_IN_FORCE:]
    ahead = [one for one in ordered if one.status == "scheduled"]
    next_on = ahead[0].on if ahead else None
    return subscription.model_copy(update={"changes": (*known, *ahead), "next_change_on": next_on})


def restarted(subscription: Subscription, on: date) -> Subscription:
    """The subscription whose periods begin on a day, and are counted from it."""
    anchors, untils = _anchors(subscription)
    place = sum(1 for until in untils if until < on)
    first = untils[place - 1] + _DAY if place else subscription.first_billed_day
    if on <= first:
        return subscription
    untils.insert(place, on - _DAY)
    anchors.insert(place + 1, Anchor())
    return _with_anchors(subscription, anchors, untils)


def with_billed_once(
    subscription: Subscription, change: SubscriptionChange, rows: Iterable[SubscriptionPeriod]
) -> Subscription:
    """The subscription after a restart: the periods that it cut keep the items that are billed once.

    Such an item can begin after the restart, or on its day, in a period that billed it before.
    """
    last = change.on - _DAY
    cut = {row.id.partition(".")[0]: row for row in rows if row.start < change.on}
    new = {one.item_id for one in change.items if one.item}

    def ended(item: Item) -> Item:
        row, start = cut.get(item.track), item.first_day(subscription.first_billed_day)
        if row is None or not item.once or item.id in new or not row.start <= start <= row.end:
            return item
        # If the period is billed again, it is billed again too.
        return item.model_copy(update={"start_date": min(start, last), "end_date": last})

    return subscription.model_copy(update={"items": tuple(map(ended, subscription.items))})


def not_restarted(subscription: Subscription, on: date) -> Subscription:
    """The subscription without a restart on a day."""
    anchors, untils = _anchors(subscription)
    if on - _DAY not in untils:
        return subscription
    place = untils.index(on - _DAY)
    del untils[place], anchors[place + 1]
    return _with_anchors(subscription, anchors, untils)


def _anchors(subscription: Subscription) -> tuple[list[Anchor], list[date]]:
    """All anchors, oldest first, and the last days of all but the current one."""
    earlier = subscription.earlier_anchors
    return [*(one.anchor for one in earlier), subscription.anchor], [one.until for one in earlier]


def _with_anchors(subscription: Subscription, anchors: list[Anchor], untils: list[date]) -> Subscription:
    *earlier, current = anchors
    before = tuple(EarlierAnchor(until=until, anchor=one) for one, until in zip(earlier, untils, strict=True))
    return subscription.model_copy(update={"anchor": current, "earlier_anchors": before})


def new_dues(before: Subscription, after: Subscription, change: SubscriptionChange, today: date) -> tuple[Due, ...]:
    """The periods that begin with a change and are due today: those of new tracks, and of all after a restart."""
    known = {(track.code, track.next.start) for track in before.tracks if change.anchor == "keep" and track.next}
    return tuple(one for one in dues_from(after, change.on, today) if (one.track.code, one.period.start) not in known)


def rescheduled(
    subscription: Subscription, change: SubscriptionChange, rows: Sequence[SubscriptionPeriod]
) -> Subscription:
    """The subscription with its next periods. After a restart, the days from it on are not billed yet."""
    if change.anchor == "keep":
        return scheduled(subscription)
    kept = {_track_of(one) for one in rows if one.start >= change.on}
    days = {
        track.code: change.on - _DAY
        for track in subscription.tracks
        if track.code not in kept and track.billed_through is not None and track.billed_through >= change.on
    }
    return billed_through(with_billed_once(subscription, change, rows), days)


def _track_of(row: SubscriptionPeriod) -> str:
    return row.id.partition(".")[0]


def require_same_periods(subscription: Subscription, due: Due) -> None:
    """Refuse to restart the periods before some that are billed already, unless these stay as they are."""
    row = due.row
    if row is None:
        return
    first = subscription.first_billed_day
    known = {(item.id, item.days_of_price(due.period, first)) for item in subscription.items}
    is_same = (one.of == due.period.of or (one.item_id, one.of) in known for one in row.items)
    is_other = bool(row.items) and not any(is_same)
    if is_other or full_start(subscription, due.track, row.start) != row.start or due.period.end != row.end:
        raise Invalid("Periods that begin on this day or later are billed already.", pointer="/anchor")
