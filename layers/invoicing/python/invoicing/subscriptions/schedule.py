"""When the periods of a subscription are billed: derived from its items and the days that are billed already."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import filterfalse, groupby, islice, takewhile
from typing import Any

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment
from invoicing.core.ids import new_ids
from invoicing.core.model import values_of
from invoicing.customers.model import Customer
from invoicing.invoices.errors import InvalidState
from invoicing.subscriptions.errors import CatchUpRequired, TooManyPeriods
from invoicing.subscriptions.items import Item
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import (
    NewSubscription,
    Subscription,
    SubscriptionSettings,
)
from invoicing.subscriptions.periods import NextPeriod, Period, Track
from invoicing.subscriptions.prices import NO_PRICES, Prices, new_item, require_prices, sold_by
from invoicing.subscriptions.terms import CountedOccurrences, last_day_of_term, next_renewal
from invoicing.tenants.model import Tenant

MOST_NOT_CAUGHT_UP = 24
"""The rows of periods that are not caught up, which are created with the subscription in one transaction."""
MOST_OPEN_PERIODS = 12
"""More periods are not billed without a user, so that a mistake or a long outage creates no flood of invoices."""
MOST_HELD_AT_ONCE = 20
"""Periods in a pause that one transaction records."""
_DAY = timedelta(days=1)


def created(
    id_: str,
    data: NewSubscription,
    *,
    customer: Customer,
    tenant: Tenant,
    moment: Moment,
    prices: Prices = NO_PRICES,
) -> Subscription:
    """A new subscription. Refuses one with past periods if the request does not state whether they are billed.

    `prices` has the prices of the catalogue that its items name.
    """
    customer.require_known()
    today = tenant.today(moment.at)
    if data.trial_end is not None and data.trial_end < (data.start_date or today):
        raise Invalid("The trial ends before the subscription starts.", pointer="/trial_end")
    start = data.start_date or today
    first = data.trial_end + _DAY if data.trial_end else start
    last = last_day_of_term(data, first) or date.max
    for place, one in enumerate(data.items):
        if one.start_date is not None and not start <= one.start_date <= last:
            detail = "The item starts before the subscription, or after its last day."
            raise Invalid(detail, pointer=f"/items/{place}/start_date")
    ids = new_ids("sit", moment.at)
    settings = values_of(data, (*SubscriptionSettings.model_fields, *_TAKEN))
    subscription = Subscription(
        **settings | {"occurrences": CountedOccurrences(max=data.occurrences.max)},
        id=id_,
        customer_id=customer.id,
        owner_id=customer.owner_id,
        currency=data.currency or customer.currency or tenant.currency,
        start_date=start,
        items=tuple(
            new_item(one, next(ids), prices, first=first, pointer=f"/items/{place}")
            for place, one in enumerate(data.items)
        ),
        **moment.created,
    )
    data.anchor.require_used(one.interval for one in subscription.items)
    require_prices(subscription, prices, tenant)
    subscription = scheduled(subscription)
    require_one_track(subscription)
    return with_status(_caught_up(subscription, data.catch_up, today), today)


_TAKEN = (
    "price_tax_inclusive", "trial_end", "anchor", "lead_days", "grace_days", "discount", "term", "renewal", "notice",
)  # fmt: skip


def changed(subscription: Subscription, data: SubscriptionSettings, *, today: date, moment: Moment) -> Subscription:
    """The subscription with other settings. Its items, dates and currency stay."""
    require_running(subscription, today)
    counted = CountedOccurrences(max=data.occurrences.max, done=subscription.occurrences.done)
    after = scheduled(subscription.model_copy(update={**dict(data), "occurrences": counted, **moment.updated}))
    if counted.max != subscription.occurrences.max:
        require_one_track(after)
    return with_status(after, today)


def require_one_track(subscription: Subscription) -> None:
    """Refuse a number of invoices for several tracks: the last one would leave periods of the others unbilled."""
    if subscription.occurrences.max is not None and len(subscription.tracks) > 1:
        detail = "A number of invoices requires that all items have one interval and timing; use end_date of the items."
        raise Invalid(detail, pointer="/occurrences/max")


def require_running(subscription: Subscription, today: date) -> None:
    """Refuse to change a subscription that has ended, also if its status was not recorded yet."""
    if "ended" in (subscription.status, subscription.status_on(today)):
        raise InvalidState("The subscription has ended.", allowed_actions=())


def _caught_up(subscription: Subscription, catch_up: str | None, today: date) -> Subscription:
    """The subscription without its past periods, unless they are to be billed."""
    past = {track.code: _ends_before(subscription, track, today) for track in subscription.tracks}
    if not any(past.values()):
        return subscription
    if catch_up is None:
        raise CatchUpRequired(pointer="/catch_up")
    if catch_up == "bill":
        if past_count(subscription, today) > MOST_OPEN_PERIODS:
            raise TooManyPeriods(pointer="/start_date")
        return subscription
    return billed_through(subscription, {code: ends[-1] for code, ends in past.items() if ends})


def scheduled(subscription: Subscription) -> Subscription:
    """The subscription with the next period of each track, its last day, and the prices and products of its items."""
    done = {track.code: track.billed_through for track in subscription.tracks}
    tracks = tuple(_track(subscription, items, done) for items in _by_track(subscription.items))
    facts: dict[str, Any] = {"ends_on": _ends_on(subscription, tracks)}
    facts["tracks"] = _with_added(subscription, {track.code: track for track in tracks}, done)
    return subscription.model_copy(update=facts | sold_by(subscription))


def _with_added(
    subscription: Subscription, tracks: dict[str, Track], done: dict[str, date | None]
) -> tuple[Track, ...]:
    """The tracks with the periods that begin with items of scheduled changes, before those of the items so far."""
    added = _added_later(subscription)
    ahead = subscription.model_copy(update={"items": (*subscription.items, *added.values())})
    for items in _by_track(ahead.items) if added else ():
        before, track = tracks.get(items[0].track), _track(ahead, items, done)
        is_first = before is None or before.next is None
        if track.next and (is_first or (before and before.next and track.next.start < before.next.start)):
            tracks = {**tracks, track.code: track}
    return tuple(tracks[code] for code in sorted(tracks))


def _added_later(subscription: Subscription) -> dict[str, Item]:
    """The items that scheduled changes add, with the last days that later ones give them."""
    known, found = {one.id for one in subscription.items}, dict[str, Item]()
    for change in subscription.changes:
        for one in change.items if change.status == "scheduled" else ():
            if one.item is not None and one.item_id not in known:
                found[one.item_id] = one.item
            elif one.op == "remove" and one.item_id in found:
                found[one.item_id] = found[one.item_id].model_copy(update={"end_date": change.on - _DAY})
    return found


def billed_through(subscription: Subscription, days: dict[str, date]) -> Subscription:
    """The subscription after periods up to these days were billed or skipped, by the code of the track."""
    tracks = tuple(
        track.model_copy(update={"billed_through": days.get(track.code, track.billed_through)})
        for track in subscription.tracks
    )
    return scheduled(subscription.model_copy(update={"tracks": tracks}))


def with_status(subscription: Subscription, today: date) -> Subscription:
    """The subscription with its status and its next renewal on this day, without a pause that is over and recorded."""
    pause = subscription.paused
    if pause and pause.last and pause.last < today and not held_dues(subscription, today):
        subscription = subscription.model_copy(update={"paused": None})
    renews_on, last = next_renewal(subscription, subscription.first_billed_day, today), subscription.ends_on
    if renews_on and last and last < renews_on:
        renews_on = None
    return subscription.model_copy(update={"status": subscription.status_on(today), "renews_on": renews_on})


def next_dues(subscription: Subscription) -> tuple[Due, ...]:
    """The periods that one invoice bills next: those with the earliest date of billing."""
    return tuple(one for one in _next_of_tracks(subscription) if one.bill_on == subscription.next_bill_on)


def dues_at(subscription: Subscription, local: datetime) -> tuple[Due, ...]:
    """The periods that are due first, at a time in the tenant's time zone; none before the hour of their date."""
    return next_dues(subscription) if is_due(subscription, local) else ()


def is_due(subscription: Subscription, local: datetime) -> bool:
    """Whether periods, or charges that wait, are due at a time in the tenant's time zone."""
    bill_on = subscription.next_bill_on
    return bill_on is not None and (bill_on, subscription.hour) <= (local.date(), local.hour)


def dues_from(subscription: Subscription, start: date, today: date) -> tuple[Due, ...]:
    """The next period of each track that begins on a day or later and is due today."""
    return tuple(one for one in _next_of_tracks(subscription) if one.period.start >= start and one.bill_on <= today)


def dues_between(subscription: Subscription, track: Track, start: date, last: date) -> Iterator[Due]:
    """The periods of a track from a day to another."""
    periods = _periods_from(subscription, track, start, last)
    return (Due(track, one, _bill_on(subscription, track, one)) for one in periods)


def held_dues(subscription: Subscription, today: date) -> tuple[Due, ...]:
    """The periods in a pause that are to be recorded, at most 20.

    Those before a period that is billed now, and all once the pause is over. A pause without end is over after the last
    day of the subscription.
    """
    pause = subscription.paused
    if pause is None:
        return ()
    found: list[Due] = []
    for track in subscription.tracks:
        items = [one for one in subscription.items if one.track == track.code]
        last = _earlier(pause.last, _last_day(subscription, items))
        if last and (last < today or (track.next and track.next.bill_on <= today)):
            found += _held(subscription, track)
    return tuple(found[:MOST_HELD_AT_ONCE])


def held_before(subscription: Subscription, due: Due) -> tuple[Due, ...]:
    """The periods in a pause that are open before a period of the same track."""
    if due.row is not None:
        return ()
    return tuple(takewhile(lambda one: one.period.start < due.period.start, _held(subscription, due.track)))


def _held(subscription: Subscription, track: Track) -> Iterator[Due]:
    """The next open periods of a track, as long as they lie in the pause."""
    if (pause := subscription.paused) is not None:
        for period in takewhile(pause.holds, _periods(subscription, track)):
            yield Due(track, period, _bill_on(subscription, track, period))


def _next_of_tracks(subscription: Subscription) -> Iterator[Due]:
    for track in subscription.tracks:
        if track.next:
            yield Due(track, _period_of(subscription, track, track.next.start), track.next.bill_on)


def dues_not_caught_up(subscription: Subscription) -> list[Due]:
    """The periods that a new subscription counts as billed, because it does not catch them up: oldest first."""
    found: list[Due] = []
    for track in subscription.tracks:
        if track.billed_through is not None:
            begun = track.model_copy(update={"billed_through": None})
            ends = _ends_before(subscription, begun, track.billed_through + _DAY)
            periods = islice(_periods(subscription, begun), len(ends))
            found += [Due(track, one, _bill_on(subscription, track, one)) for one in periods]
    return sorted(found, key=lambda one: one.period.end)


def due_of(subscription: Subscription, period: SubscriptionPeriod) -> Due:
    """The period of the ledger, to be billed again."""
    track = next(
        (one for one in subscription.tracks if one.code == f"{period.interval.code}-{period.timing}"),
        Track(interval=period.interval, timing=period.timing),
    )
    found = _period_of(subscription, track, period.start)
    # Days after its end belong to the next period, also if the subscription goes on longer than it did then.
    return Due(track, found._replace(end=min(found.end, period.end)), period.bill_on, period)


def past_count(subscription: Subscription, today: date) -> int:
    """The number of periods that ended before today and are due, or a few more than are billed without a user.

    Those that run or lie ahead do not count: they are due in an orderly course.
    """
    found = 0
    for track in subscription.tracks:
        periods = islice(_billable(subscription, track), MOST_OPEN_PERIODS + 1)
        found += sum(1 for one in periods if one.end < today and _bill_on(subscription, track, one) <= today)
    return found


def open_periods(subscription: Subscription, code: str) -> Iterator[Period]:
    """The periods of a track that are neither billed nor skipped, in order. A track without end has no last one."""
    return (one for track in subscription.tracks if track.code == code for one in _periods(subscription, track))


def _by_track(items: tuple[Item, ...]) -> Iterator[list[Item]]:
    """The items of each track; the tracks are in the order of their codes."""
    ordered = sorted(items, key=lambda one: one.track)
    return (list(some) for _, some in groupby(ordered, key=lambda one: one.track))


def _track(subscription: Subscription, items: list[Item], done: dict[str, date | None]) -> Track:
    first = items[0]
    track = Track(interval=first.interval, timing=first.timing, billed_through=done.get(first.track))
    period = next(_billable(subscription, track), None)
    if period is None or _has_all_occurrences(subscription):
        return track
    bill_on = _bill_on(subscription, track, period)
    return track.model_copy(update={"next": NextPeriod(start=period.start, end=period.end, bill_on=bill_on)})


def _periods(subscription: Subscription, track: Track) -> Iterator[Period]:
    """The periods of a track that are neither billed nor skipped, in order. A track without end has no last one."""
    first = subscription.first_billed_day
    items = [one for one in subscription.items if one.track == track.code]
    since = max(first, track.billed_through + _DAY) if track.billed_through else first
    days = [(max(since, one.first_day(first)), _last_day_of(subscription, one)) for one in items]
    # Days on which no item runs belong to no period.
    start = min((day for day, last in days if last is None or day <= last), default=None)
    if start is None:
        return iter(())
    return _periods_from(subscription, track, start, _last_day(subscription, items))


def _periods_from(subscription: Subscription, track: Track, start: date, last: date | None) -> Iterator[Period]:
    """The periods from a day on. A restart of the anchor ends a period on the day before."""
    for span in subscription.spans:
        if span.until is None or start <= span.until:
            yield from span.grid(track.interval).periods(start, _earlier(span.until, last))
            start = max(start, span.until + _DAY) if span.until else start


def _billable(subscription: Subscription, track: Track) -> Iterator[Period]:
    """The open periods of a track that do not lie in a pause. Behind a pause without end, none is known."""
    periods, pause = _periods(subscription, track), subscription.paused
    if pause is None:
        return periods
    return (
        takewhile(lambda one: not pause.holds(one), periods)
        if pause.last is None
        else filterfalse(pause.holds, periods)
    )


def _ends_before(subscription: Subscription, track: Track, today: date) -> list[date]:
    """The last days of a track's periods that ended before a day."""
    return [one.end for one in takewhile(lambda one: one.end < today, _periods(subscription, track))]


def _period_of(subscription: Subscription, track: Track, start: date) -> Period:
    items = [one for one in subscription.items if one.track == track.code]
    span = subscription.span_of(start)
    return span.grid(track.interval).period(start, _earlier(span.until, _last_day(subscription, items)))


def full_start(subscription: Subscription, track: Track, day: date) -> date:
    """The first day of the full period of a track that contains a day."""
    return subscription.span_of(day).grid(track.interval).full_period(day).start


def _final_day(subscription: Subscription) -> date | None:
    """The last day of a subscription that is canceled or ends with its term; None for others."""
    canceled = subscription.cancellation.on if subscription.cancellation else None
    of_term = last_day_of_term(subscription, subscription.first_billed_day)
    return _earlier(canceled, of_term)


def _last_day(subscription: Subscription, items: list[Item]) -> date | None:
    """The last day of a track; None without end."""
    return _earlier(_latest([_last_day_of(subscription, one) for one in items]), _final_day(subscription))


def _last_day_of(subscription: Subscription, item: Item) -> date | None:
    """The last day of an item; None without end."""
    first = subscription.first_billed_day
    return item.last_day(subscription.span_of(item.first_day(first)).grid(item.interval), first)


def _latest(days: list[date | None]) -> date | None:
    """The last one of some days; None if one of them is not known."""
    known = [day for day in days if day is not None]
    return max(known, default=None) if len(known) == len(days) else None


def _earlier(one: date | None, other: date | None) -> date | None:
    """The earlier one of two days; None stands for no end."""
    return min((day for day in (one, other) if day), default=None)


def _bill_on(subscription: Subscription, track: Track, period: Period) -> date:
    day = period.bill_day(track.timing, lead_days=subscription.lead_days, grace_days=subscription.grace_days)
    final = _final_day(subscription)
    # After the end of the subscription, nothing follows that arrears could wait for.
    return day if final is None or track.timing == "advance" else min(day, final + _DAY)


def _has_all_occurrences(subscription: Subscription) -> bool:
    most = subscription.occurrences.max
    return most is not None and subscription.occurrences.done >= most


def _ends_on(subscription: Subscription, tracks: tuple[Track, ...]) -> date | None:
    """The last day of a subscription, if it is known."""
    final = _final_day(subscription)
    if _has_all_occurrences(subscription):
        return _earlier(max((track.billed_through for track in tracks if track.billed_through), default=None), final)
    days = [_last_day(subscription, items) for track, items in zip(tracks, _by_track(subscription.items), strict=True)]
    return _latest(days)
