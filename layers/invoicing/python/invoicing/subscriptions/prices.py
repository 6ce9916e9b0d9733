"""Items with a price of the catalogue: the version that bills a period, and the lines of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import takewhile
from types import MappingProxyType
from typing import Any, Final

from invoicing.catalogue.errors import PriceNotFound
from invoicing.catalogue.lines import KnownPrice, Offer, lines_of, require_usable, with_minimum
from invoicing.catalogue.price import PriceSummary
from invoicing.core.errors import Invalid
from invoicing.pricing.line import NewLine
from invoicing.pricing.line import Period as Days
from invoicing.pricing.share import Share
from invoicing.subscriptions.items import Item, NewItem
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription, VersionOfPrice
from invoicing.subscriptions.periods import Period
from invoicing.subscriptions.terms import renewed_on
from invoicing.tenants.model import Tenant

type Prices = Mapping[str, KnownPrice]
"""Prices of the catalogue by their ids."""
NO_PRICES: Final[Prices] = MappingProxyType({})


def new_item(data: NewItem, id_: str, prices: Prices, *, first: date, place: int) -> Item:
    """The item with its id. `place` is that in the request, `first` the first billed day of the subscription.

    A price has the interval and the timing. Its version is the one in force on the first day of the item.
    """
    if data.price_id is None:
        return data.item(id_)
    price = prices[data.price_id].price
    facts: dict[str, Any] = {
        "product_id": price.product_id,
        "price_version": price.number_on(max(first, data.start_date or first)),
    }
    if price.interval is None:
        if not data.once:
            raise Invalid("A one-off price requires once.", pointer=f"/items/{place}/once")
        return data.item(id_, **facts)
    for name in ("interval", "timing"):
        facts[name] = getattr(price, name)
        if name in data.model_fields_set and getattr(data, name) != facts[name]:
            raise Invalid(f"The price has another {name}; leave it out.", pointer=f"/items/{place}/{name}")
    return data.item(id_, **facts)


def require_prices(subscription: Subscription, prices: Prices, tenant: Tenant) -> None:
    """Refuse items whose price the subscription cannot have."""
    for place, item in enumerate(subscription.items):
        if item.price_id is None:
            continue
        pointer = f"/items/{place}"
        day = item.first_day(subscription.first_billed_day)
        known = prices[item.price_id]
        offer = known.offer(item.price_version or 1, tenant, supplied=day, pointer=f"{pointer}/price_id")
        require_usable(offer, item.quantity, subscription, pointer)
        if item.price_policy == "renewal" and (subscription.term is None or subscription.renewal.mode != "renew"):
            raise Invalid("renewal requires a term that renews.", pointer=f"{pointer}/price_policy")


def sold_by(items: Iterable[Item]) -> dict[str, Any]:
    """The fields of a subscription about the prices and products of its items."""
    priced = [(item.price_id, item) for item in items if item.price_id]
    followed: dict[str, int] = {}
    for id_, item in priced:
        if item.price_policy != "keep":
            followed[id_] = min(item.price_version or 1, followed.get(id_, item.price_version or 1))
    return {
        "price_ids": tuple(sorted({id_ for id_, _ in priced})),
        "product_ids": tuple(sorted({item.product_id for _, item in priced if item.product_id})),
        "followed_prices": tuple(VersionOfPrice(price_id=id_, version=one) for id_, one in sorted(followed.items())),
    }


def version_for(
    subscription: Subscription, item: Item, price: PriceSummary, start: date, row: SubscriptionPeriod | None
) -> int:
    """The number of the version that bills the period from `start` on.

    A period that was billed before keeps the version of its `row` in the ledger.
    """
    billed = next((one.price_version for one in (row.items if row else ()) if one.item_id == item.id), None)
    if billed is not None:
        return billed
    since = _version_day(subscription, item, start)
    return price.number_on(since) if since else item.price_version or 1


def reached_from(subscription: Subscription, item: Item, periods: Iterable[Period], valid_from: date) -> date | None:
    """The first day of an item, in open periods of its track, that a version from a day on bills; None if none is."""
    if item.price_policy == "keep":
        return None
    first = subscription.first_billed_day
    last = item.first_day(first) if item.once else item.end_date
    return next(
        (
            max(one.start, item.first_day(first))
            for one in takewhile(lambda one: last is None or one.start <= last, periods)
            if (day := _version_day(subscription, item, one.start)) and day >= valid_from and item.share_of(one, first)
        ),
        None,
    )


def _version_day(subscription: Subscription, item: Item, start: date) -> date | None:
    """The day whose version bills the period from `start` on; None for the version that the item has."""
    first = subscription.first_billed_day
    match item.price_policy:
        case "next_period":
            return max(start, item.first_day(first))
        case "renewal":
            return renewed_on(subscription, first, start)
    return None


def offer_for(
    subscription: Subscription,
    item: Item,
    period: Period,
    row: SubscriptionPeriod | None,
    prices: Prices,
    tenant: Tenant,
) -> Offer:
    """The version of an item's price that bills a period, with the tax in force on its last day.

    Refuses a price that can no longer be used.
    """
    known = prices.get(item.price_id or "")
    if known is None:
        raise PriceNotFound(f"The price {item.price_id} does not exist.")
    pointer = f"/items/{subscription.items.index(item)}"
    number = version_for(subscription, item, known.price, period.start, row)
    offer = known.offer(number, tenant, supplied=last_day(subscription, item, period), pointer=f"{pointer}/price_id")
    require_usable(offer, item.quantity, subscription, pointer)
    return offer


def last_day(subscription: Subscription, item: Item, period: Period) -> date:
    """The last day of a period that an item is billed for. Its tax applies."""
    return item.days_in(period, subscription.first_billed_day)[1]


def part_lines(
    offer: Offer, item: Item, *, currency: str, language: str, share: Share, days: tuple[date, date]
) -> Iterator[tuple[NewLine, Decimal]]:
    """The lines that bill a share of a period at a price, up to its minimum, with their quantities in a full one."""
    terms: dict[str, Any] = {"currency": currency, "language": language, "share": share}
    parts = lines_of(offer, item.quantity, **terms)
    period = Days(start=days[0], end=days[1])
    for place, line in enumerate(with_minimum(offer, parts, **terms)):
        # The line up to the minimum states its amount, and not a share of it.
        is_shared = not share.is_whole and place < len(parts)
        quantity = line.quantity / share.days if is_shared else line.quantity
        yield line.model_copy(update={"period": period}), quantity
