"""Events before a date of a subscription, each once: the next invoice, the end of a trial, another price."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import batched
from typing import Final

from invoicing.catalogue.price import PriceSummary
from invoicing.catalogue.table import price_key
from invoicing.core.event import Event, Recorded
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.subscriptions.events import InvoiceUpcoming, PriceChanging, TrialEnding
from invoicing.subscriptions.model import MOST_GRACE_DAYS, Announced, Subscription, SubscriptionSummary, VersionOfPrice
from invoicing.subscriptions.prices import reached_from, version_for
from invoicing.subscriptions.schedule import open_periods
from invoicing.subscriptions.table import SubscriptionTable
from invoicing.tenants.subscription_notices import SubscriptionNotices

SUBSCRIPTIONS_A_READ: Final = 100


def announced_until(notices: SubscriptionNotices, today: date) -> date:
    """The last date of a next step of subscriptions that may have something to announce.

    Periods in arrears are billed up to their days of grace after the next one began.
    """
    price = notices.price_changing and notices.price_changing + MOST_GRACE_DAYS
    return today + timedelta(days=max(notices.upcoming, notices.trial_ending, price))


def candidates(store: Store, ids: Iterable[str], notices: SubscriptionNotices, today: date) -> Iterator[str]:
    """Those of some subscriptions that may have something to announce, from their heads and followed prices."""
    for some in batched(ids, SUBSCRIPTIONS_A_READ, strict=False):
        keys = [SubscriptionTable().key(store.tenant_id, id_) for id_ in some]
        found = [store.take(SubscriptionSummary, head) for head in items_at(keys).values()]
        prices = _prices(store, found)
        yield from (one.id for one in found if _ahead(one, notices, today) or _may_change(one, prices))


def announce(store: Store, subscription_id: str, notices: SubscriptionNotices, today: date) -> None:
    """Publish the events that are due of a subscription, with the record of them in the same transaction."""
    retry_on_conflict(store, lambda fresh: _record(fresh, subscription_id, notices, today))


def _record(store: Store, subscription_id: str, notices: SubscriptionNotices, today: date) -> None:
    subscription = store.get(Subscription, subscription_id)
    changes = _price_changes(subscription, _prices(store, [subscription]), notices, today)
    events = [*_ahead(subscription, notices, today), *changes]
    if events:
        after = subscription.model_copy(update={"announced": _announced(subscription.announced or Announced(), events)})
        store.record(Recorded(after, *events))


def _ahead(subscription: SubscriptionSummary, notices: SubscriptionNotices, today: date) -> list[Event]:
    """The next invoice and the end of the trial, if they are to be announced and were not."""
    events: list[Event] = []
    known, bill_on, trial_end = subscription.announced or Announced(), subscription.next_bill_on, subscription.trial_end
    if bill_on and bill_on != known.bill_on and _is_near(bill_on, notices.upcoming, today):
        events.append(InvoiceUpcoming(bill_on=bill_on))
    if trial_end and trial_end != known.trial_end and _is_near(trial_end, notices.trial_ending, today):
        events.append(TrialEnding(trial_end=trial_end))
    return events


def _is_near(day: date, days: int, today: date) -> bool:
    """Whether a day is ahead, by at most so many days."""
    return today < day <= today + timedelta(days=days)


def _may_change(subscription: SubscriptionSummary, prices: Mapping[str, PriceSummary]) -> bool:
    """Whether a followed price has a version that is not announced. The items decide whether they take it."""
    known = subscription.announced.prices if subscription.announced else ()
    newest = {id_: len(price.versions_from) for id_, price in prices.items()}
    return any(
        VersionOfPrice(price_id=one.price_id, version=newest[one.price_id]) not in known
        for one in subscription.followed_prices
        if newest.get(one.price_id, 0) > one.version
    )


def _price_changes(
    subscription: Subscription, prices: Mapping[str, PriceSummary], notices: SubscriptionNotices, today: date
) -> Iterator[Event]:
    """The versions of prices that items take soon, each with the first day of it."""
    starts: dict[VersionOfPrice, date] = {}
    for item in subscription.items:
        price = prices.get(item.price_id or "") if item.price_policy != "keep" else None
        for number, valid_from in enumerate(price.versions_from if price else (), 1):
            if price is None or number <= (item.price_version or 1):
                continue
            start = reached_from(subscription, item, open_periods(subscription, item.track), valid_from)
            [*_, terms] = item.terms_in(start, start) if start else (None,)
            if start and terms and version_for(subscription, item, terms, price, start, None) == number:
                version = VersionOfPrice(price_id=price.id, version=number)
                starts[version] = min(start, starts.get(version, start))
    known = subscription.announced.prices if subscription.announced else ()
    for version, start in starts.items():
        if version not in known and _is_near(start, notices.price_changing, today):
            yield PriceChanging(price_id=version.price_id, price_version=version.version, starts_on=start)


def _announced(known: Announced, events: Sequence[Event]) -> Announced:
    """The record of announcements, with these events."""
    for event in events:
        match event:
            case InvoiceUpcoming(bill_on=day):
                known = known.model_copy(update={"bill_on": day})
            case TrialEnding(trial_end=day):
                known = known.model_copy(update={"trial_end": day})
            case PriceChanging(price_id=price_id, price_version=number):
                version = VersionOfPrice(price_id=price_id, version=number)
                kept = (one for one in known.prices if one.price_id != price_id or one.version + 1 >= number)
                known = known.model_copy(update={"prices": (*kept, version)})
    return known


def _prices(store: Store, subscriptions: Sequence[SubscriptionSummary]) -> dict[str, PriceSummary]:
    """The prices that subscriptions follow, in one read."""
    ids = sorted({price.price_id for one in subscriptions for price in one.followed_prices})
    found: Mapping[Key, Item] = items_at([price_key(store.tenant_id, id_) for id_ in ids]) if ids else {}
    return {one.id: one for one in (store.take(PriceSummary, item) for item in found.values())}
