"""Reads of the prices that items of a subscription have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from invoicing.catalogue.filling import known_prices
from invoicing.catalogue.lines import KnownPrice
from invoicing.catalogue.price import PriceReach, PriceSummary, PriceVersion, ReachedItem
from invoicing.catalogue.product import Product
from invoicing.catalogue.table import price_key, product_key, version_key
from invoicing.store.keys import BODY, Item, Key
from invoicing.store.reading import items_at
from invoicing.store.rows.items import model_of
from invoicing.store.store import Store
from invoicing.subscriptions.changing.model import agreed_prices
from invoicing.subscriptions.items import NewItem
from invoicing.subscriptions.ledger import Due
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import NO_PRICES, Prices, last_day, reached_from, version_for
from invoicing.subscriptions.schedule import open_periods
from invoicing.subscriptions.table import SubscriptionTable, users_of

MOST_REACHED: Final = 200


def prices_named(store: Store, items: Sequence[NewItem]) -> Prices:
    """The prices that items of a request name, with all their versions. Without any, nothing is read."""
    named = [(one.price_id, place) for place, one in enumerate(items) if one.price_id]
    return prices_at(store, {id_: f"/items/{place}/price_id" for id_, place in reversed(named)})


def prices_at(store: Store, pointers: Mapping[str, str]) -> Prices:
    """The prices with these ids, with all their versions. `pointers` are those of the ids in the request."""
    return known_prices(store, pointers, _every_version) if pointers else NO_PRICES


def price_keys(tenant: str, subscription: Subscription) -> list[Key]:
    """The keys of the prices of a subscription, with their products and the versions that bill them now."""
    found = [
        key
        for price, _ in agreed_prices(subscription.items, subscription.changes)
        if price.product_id
        for key in (
            price_key(tenant, price.id),
            product_key(tenant, price.product_id),
            version_key(tenant, price.id, price.version),
        )
    ]
    return list(dict.fromkeys(found))


def prices_in(
    store: Store, found: Mapping[Key, Item], subscription: Subscription, dues: Iterable[Due] | None
) -> Prices:
    """The prices of a subscription among items that were read together, with the versions that bill these periods.

    Versions that the items do not have yet are read, all of them without `dues`. Prices that do not exist are left out.
    """
    heads = {
        price.id: store.take(PriceSummary, found[key])
        for price, _ in agreed_prices(subscription.items, subscription.changes)
        if (key := price_key(store.tenant_id, price.id)) in found
    }
    if not heads:
        return NO_PRICES
    numbers = {id_: set(_every_version(price)) for id_, price in heads.items()}
    # A scheduled change can apply to one of the periods, and bill another price.
    if dues is not None and not any(one.status == "scheduled" for one in subscription.changes):
        numbers = _numbers(subscription, heads, list(dues))
    keys = {id_: {number: version_key(store.tenant_id, id_, number) for number in numbers[id_]} for id_ in heads}
    missing = [key for of_price in keys.values() for key in of_price.values() if key not in found]
    versions = {**found, **(items_at(missing) if missing else {})}
    return {
        id_: KnownPrice(
            store.take(Product, found[product_key(store.tenant_id, price.product_id)]),
            price,
            {number: model_of(PriceVersion, versions[key]) for number, key in keys[id_].items() if key in versions},
        )
        for id_, price in heads.items()
    }


def prices_of(store: Store, subscription: Subscription) -> Prices:
    """The prices of a subscription with all their versions. Without any, nothing is read."""
    keys = price_keys(store.tenant_id, subscription)
    return prices_in(store, items_at(keys), subscription, None) if keys else NO_PRICES


def reach_of(store: Store, price_id: str, valid_from: date) -> PriceReach:
    """The subscriptions that take a version of a price that is in force from a day on, and when."""
    ids = users_of(store.tenant_id, price_id)
    some = ids[:MOST_REACHED]
    heads = [SubscriptionTable().key(store.tenant_id, id_) for id_ in some]
    found = items_at([key for head in heads for key in (head, head.at(f"{BODY}00"))])
    subscriptions = [store.take_whole(Subscription, found, id_) for id_ in some]
    reached = [
        ReachedItem(subscription_id=one.id, item_id=item.id, starts_on=start)
        for one in subscriptions
        for item in one.items
        if item.price_id == price_id
        and (start := reached_from(one, item, open_periods(one, item.track), valid_from)) is not None
    ]
    return PriceReach(items=tuple(reached), has_more=len(ids) > len(some))


def _every_version(price: PriceSummary) -> Iterator[int]:
    return iter(range(1, len(price.versions_from) + 1))


def _numbers(subscription: Subscription, heads: Mapping[str, PriceSummary], dues: Sequence[Due]) -> dict[str, set[int]]:
    """The versions that bill these periods, by the id of the price."""
    numbers: dict[str, set[int]] = {id_: set() for id_ in heads}
    for item in subscription.items:
        for due in dues:
            if due.track.code != item.track:
                continue
            last = last_day(subscription, item, due.period)
            for terms in item.terms_in(*item.days_in(due.period, subscription.first_billed_day)):
                price = heads.get(terms.price.id) if terms.price else None
                if price is not None:
                    number = version_for(subscription, item, terms, price, due.period.start, due.row)
                    numbers[price.id] |= {number, price.number_on(last)}
    return numbers
