"""The decision whether a requested change is possible, and from which day it applies."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id, new_ids
from invoicing.invoices.errors import InvalidState
from invoicing.subscriptions.changing.applying import (
    applied,
    in_force,
    not_restarted,
    restarted,
    with_changes,
)
from invoicing.subscriptions.changing.families import by_family
from invoicing.subscriptions.changing.model import (
    AnchorChange,
    ChangedItem,
    ItemChange,
    NewChange,
    SubscriptionChange,
)
from invoicing.subscriptions.errors import BooksClosed, ChangeNotFound
from invoicing.subscriptions.items import Item
from invoicing.subscriptions.model import MOST_ITEMS, Subscription
from invoicing.subscriptions.prices import NO_PRICES, PriceBasis, Prices, new_item, new_price, require_price
from invoicing.subscriptions.schedule import require_one_track, require_running, scheduled, with_status
from invoicing.tenants.model import Tenant

MOST_SCHEDULED = 20
_DAY = timedelta(days=1)


def requested_change(
    subscription: Subscription, data: NewChange, tenant: Tenant, moment: Moment, prices: Prices = NO_PRICES
) -> SubscriptionChange:
    """The change as it is applied. Refuses one that its subscription cannot have.

    `prices` has the prices of the catalogue that its items have, and those that the change names.
    """
    today = tenant.today(moment.at)
    require_running(subscription, today)
    data = by_family(in_force(subscription, today), data, tenant, prices)
    on = _first_day(subscription, data, today)
    if tenant.books_closed_until is not None and on <= tenant.books_closed_until:
        raise BooksClosed(pointer="/on" if data.on else "/at")
    _require_order(subscription, data, on)
    before, ids = in_force(subscription, on), new_ids("sit", moment.at)
    items = tuple(
        _changed_item(before, one, next(ids), on, prices, f"/items/{place}") for place, one in enumerate(data.items)
    )
    change = SubscriptionChange(
        id=new_id("chg", moment.at),
        status="in_force" if on <= today or _is_billed(subscription, items, data.anchor or "keep", on) else "scheduled",
        on=on,
        anchor=data.anchor or "keep",
        bill=data.bill,
        items=items,
        created_at=moment.at,
        created_by=moment.by.reference,
    )
    _require_possible(_with(subscription, change))
    after = {one.id: one for one in applied(before, change).items}
    _require_prices(subscription, change, after, PriceBasis(prices, tenant, tenant.language))
    return change


def _require_prices(
    subscription: Subscription, change: SubscriptionChange, after: Mapping[str, Item], price_basis: PriceBasis
) -> None:
    """Refuse a change that gives an item a price that the subscription cannot have. `after` has its items by id."""
    for place, one in enumerate(change.items):
        if one.op != "remove":
            pointer = f"/items/{place}/item" if one.item else f"/items/{place}"
            is_agreed = one.op == "set" and one.price_id is None
            require_price(subscription, after[one.item_id], price_basis, change.on, pointer, is_agreed=is_agreed)


def schedule_change(
    subscription: Subscription, change: SubscriptionChange, *, today: date, moment: Moment
) -> Subscription:
    """The subscription with one more scheduled change."""
    return with_status(scheduled(_with(subscription, change)).model_copy(update=moment.updated), today)


def without_change(subscription: Subscription, change_id: str, *, today: date, moment: Moment) -> Subscription:
    """The subscription without a scheduled change. Refuses one that is in force."""
    require_running(subscription, today)
    change = next((one for one in subscription.changes if one.id == change_id), None)
    if change is None:
        raise ChangeNotFound
    if change.status == "in_force":
        raise InvalidState("The change is in force already. Make another change instead.", allowed_actions=())
    others = [one for one in subscription.changes if one.id != change_id]
    after = with_changes(subscription, others)
    if change.anchor == "restart" and not any(one.anchor == "restart" and one.on == change.on for one in others):
        after = not_restarted(after, change.on)
    _require_possible(after)
    return with_status(scheduled(after).model_copy(update=moment.updated), today)


def _require_order(subscription: Subscription, data: NewChange, on: date) -> None:
    """Refuse a change before the terms that an item has already, and before a restart. Other items do not matter."""
    named, restarts = {one.item_id for one in data.items}, data.anchor == "restart"
    known = [
        one.on
        for one in subscription.changes
        if one.status == "in_force"
        and (restarts or one.anchor == "restart" or any(item.item_id in named for item in one.items))
    ]
    if known and on < max(known):
        raise InvalidState(f"A change is in force from {max(known)} on already.", allowed_actions=())
    count = subscription.occurrences
    if restarts and count.max is not None and count.done >= count.max:
        raise InvalidState("A restart would bill one more period than the subscription has.", allowed_actions=())


def _first_day(subscription: Subscription, data: NewChange, today: date) -> date:
    """The first day with the new terms, not before the first billed day."""
    if data.on is not None and data.on < subscription.start_date:
        raise Invalid("The subscription starts after this date.", pointer="/on")
    at_end = subscription.period_end(today) + _DAY if data.at == "period_end" else today
    on = max(data.on or at_end, subscription.first_billed_day)
    if subscription.ends_on is not None and on > subscription.ends_on:
        raise InvalidState("The subscription ends before this date.", allowed_actions=())
    return on


def _is_billed(subscription: Subscription, items: tuple[ChangedItem, ...], anchor: AnchorChange, on: date) -> bool:
    """Whether days of a changed item from this day on are billed already."""
    named = {one.item_id for one in items}
    tracks = {one.track for one in subscription.items if one.id in named}
    tracks |= {one.item.track for one in items if one.item}
    return any(
        track.billed_through is not None and track.billed_through >= on
        for track in subscription.tracks
        if anchor == "restart" or track.code in tracks
    )


def _changed_item(
    subscription: Subscription, change: ItemChange, new_item_id: str, on: date, prices: Prices, pointer: str
) -> ChangedItem:
    if change.item is not None:
        data = change.item.model_copy(update={"start_date": on})
        item = new_item(data, new_item_id, prices, first=on, pointer=f"{pointer}/item")
        return ChangedItem(op="add", item_id=new_item_id, item=item)
    if change.item_id is None:
        raise AssertionError("the request was validated")
    known = next((one for one in subscription.items if one.id == change.item_id), None)
    facts: dict[str, Any] = {"quantity": change.stated_quantity, "line": change.line}
    if known and change.line is not None and known.price_id is not None:
        raise Invalid("The item has a price of the catalogue; send another price_id.", pointer=f"{pointer}/line")
    if known and change.price_id is not None:
        price = new_price(known, change.price_id, prices, on=on, pointer=f"{pointer}/price_id")
        facts |= {"price_id": price.id, "product_id": price.product_id, "price_version": price.version}
    return ChangedItem(op=change.op, item_id=change.item_id, **facts)


def _with(subscription: Subscription, change: SubscriptionChange) -> Subscription:
    """The subscription with a change among its scheduled ones."""
    ahead = change.model_copy(update={"status": "scheduled"})
    after = with_changes(subscription, (*subscription.changes, ahead))
    return restarted(after, change.on) if change.anchor == "restart" else after


def _require_possible(subscription: Subscription) -> None:
    """Refuse scheduled changes of items that do not run on their day, and items that cannot be changed."""
    ahead = [one for one in subscription.changes if one.status == "scheduled"]
    if len(ahead) > MOST_SCHEDULED:
        raise InvalidState(f"At most {MOST_SCHEDULED} changes can be scheduled.", allowed_actions=())
    after = subscription
    for change in ahead:
        items = {one.id: one for one in after.items}
        for place, one in enumerate(change.items):
            if one.item is None:
                _require_running(items.get(one.item_id), change.on, f"/items/{place}/item_id")
        after = applied(after, change)
        running = [one for one in after.items if one.end_date is None or one.end_date >= change.on]
        if not running:
            raise InvalidState("The last item cannot be removed. Cancel the subscription instead.", allowed_actions=())
        if len(running) > MOST_ITEMS:
            raise InvalidState(f"A subscription can have at most {MOST_ITEMS} items.", allowed_actions=())
    require_one_track(scheduled(after))


def _require_running(item: Item | None, on: date, pointer: str) -> None:
    """Refuse to change an item that does not run on a day, or is billed once."""
    if item is None:
        raise Invalid("The subscription has no such item on the day of the change.", pointer=pointer)
    if item.end_date is not None and item.end_date < on:
        raise InvalidState("The item ends before the change.", allowed_actions=())
    if item.once:
        raise Invalid("An item that is billed once cannot be changed.", pointer=pointer)


def apply_change(subscription: Subscription, change: SubscriptionChange) -> Subscription:
    """The subscription with a change in force, and the scheduled ones up to its day."""
    after = applied(in_force(subscription, change.on), change)
    after = with_changes(after, (*after.changes, change))
    return restarted(after, change.on) if change.anchor == "restart" else after
