"""Items with a price of the catalogue: the version that bills a period, and the lines of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import takewhile
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from invoicing.catalogue.errors import PriceNotFound
from invoicing.catalogue.lines import (
    KnownPrice,
    Offer,
    codes_of,
    lines_of,
    require_applicable,
    require_usable,
    with_minimum,
)
from invoicing.catalogue.price import PriceSummary
from invoicing.core.errors import Invalid
from invoicing.pricing.line import NewLine
from invoicing.pricing.share import Share
from invoicing.subscriptions.changing.model import agreed_prices
from invoicing.subscriptions.items import AgreedPrice, Item, NewItem, Terms
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription, VersionOfPrice
from invoicing.subscriptions.periods import Period
from invoicing.subscriptions.terms import renewed_on
from invoicing.tenants.model import Tenant

type Prices = Mapping[str, KnownPrice]
"""Prices of the catalogue by their ids."""
NO_PRICES: Final[Prices] = MappingProxyType({})


class PriceBasis(NamedTuple):
    """The prices of items, with the tenant's tax and the language of the document."""

    prices: Prices
    tenant: Tenant
    language: str

    def known(self, price_id: str, pointer: str) -> KnownPrice:
        """One of the prices. `pointer` is that of its item."""
        known = self.prices.get(price_id)
        if known is None:
            raise PriceNotFound(f"The price {price_id} does not exist.", pointer=f"{pointer}/price_id")
        return known


class PartLine(NamedTuple):
    """A line of a price for a share of a period."""

    line: NewLine
    quantity: Decimal
    """The quantity in a full period."""
    part: str
    """The part of the price that it bills."""


def new_item(data: NewItem, id_: str, prices: Prices, *, first: date, pointer: str) -> Item:
    """The item with its id. `pointer` is that in the request, `first` the first billed day of the subscription.

    A price has the interval and the timing. Its version is the one in force on the first day of the item.
    """
    begins = max(first, data.start_date or first)
    if data.end_date is not None and data.end_date < begins:
        raise Invalid(f"The item would end before its first billed day, {begins}.", pointer=f"{pointer}/end_date")
    if data.price_id is None:
        return data.item(id_)
    price = prices[data.price_id].price
    facts: dict[str, Any] = {"product_id": price.product_id, "price_version": price.number_on(begins)}
    if price.interval is None:
        if not data.once:
            raise Invalid("A one-off price requires once.", pointer=f"{pointer}/once")
        return data.item(id_, **facts)
    for name in ("interval", "timing"):
        facts[name] = getattr(price, name)
        if name in data.model_fields_set and getattr(data, name) != facts[name]:
            raise Invalid(f"The price has another {name}; leave it out.", pointer=f"{pointer}/{name}")
    return data.item(id_, **facts)


def new_price(item: Item, price_id: str, prices: Prices, *, on: date, pointer: str) -> AgreedPrice:
    """The price that an item has from a day on, with the version in force then. It has the same periods."""
    price = prices[price_id].price
    if item.price_id is None:
        raise Invalid("The item has a line; change its line, or remove the item and add another.", pointer=pointer)
    if (price.interval, price.timing) != (item.interval, item.timing):
        detail = "The price has another interval or timing; remove the item and add another."
        raise Invalid(detail, pointer=pointer)
    return AgreedPrice(id=price_id, product_id=price.product_id, version=price.number_on(on), since=on)


def require_prices(subscription: Subscription, prices: Prices, tenant: Tenant) -> None:
    """Refuse items whose price the subscription cannot have."""
    price_basis = PriceBasis(prices, tenant, tenant.language)
    first = subscription.first_billed_day
    for place, item in enumerate(subscription.items):
        require_price(subscription, item, price_basis, item.first_day(first), f"/items/{place}")


def require_price(
    subscription: Subscription,
    item: Item,
    price_basis: PriceBasis,
    day: date,
    pointer: str,
    *,
    is_agreed: bool = False,
) -> None:
    """Refuse an item whose price the subscription cannot have from a day on; archived ones unless it is agreed."""
    if item.price_id is None:
        return
    known = price_basis.known(item.price_id, pointer)
    offer = known.offer(
        item.price_version or 1, price_basis.tenant, item.tax, supplied=day, pointer=f"{pointer}/price_id"
    )
    require = require_applicable if is_agreed else require_usable
    require(offer, item.quantity, subscription, pointer)
    if item.price_policy == "renewal" and (subscription.term is None or subscription.renewal.mode != "renew"):
        raise Invalid("renewal requires a term that renews.", pointer=f"{pointer}/price_policy")


def sold_by(subscription: Subscription) -> dict[str, Any]:
    """The fields of a subscription about the prices and products of its items."""
    agreed = [price for price, _ in agreed_prices(subscription.items, subscription.changes)]
    followed: dict[str, int] = {}
    for item in subscription.items:
        if item.price and item.price_policy != "keep":
            version = item.price.version
            followed[item.price.id] = min(version, followed.get(item.price.id, version))
    return {
        "price_ids": tuple(sorted({one.id for one in agreed})),
        "product_ids": tuple(sorted({one.product_id for one in agreed if one.product_id})),
        "followed_prices": tuple(VersionOfPrice(price_id=id_, version=one) for id_, one in sorted(followed.items())),
    }


def version_for(
    subscription: Subscription,
    item: Item,
    terms: Terms,
    price: PriceSummary,
    start: date,
    row: SubscriptionPeriod | None,
) -> int:
    """The number of the version that bills terms in the period from `start` on.

    A period that was billed before keeps the version of its `row` in the ledger.
    """
    agreed = terms.price
    if agreed is None:
        raise AssertionError("only an item with a price of the catalogue has a version")
    if row is not None and (agreed.since is None or agreed.since < start):
        for one in row.items:
            if (one.item_id, one.price_id) == (item.id, agreed.id) and (one.start or start) <= terms.end:
                return one.price_version or 1
    since = _version_day(subscription, item, agreed, start)
    return price.number_on(since) if since else agreed.version


def reached_from(subscription: Subscription, item: Item, periods: Iterable[Period], valid_from: date) -> date | None:
    """The first day of an item, in open periods of its track, that a version from a day on bills; None if none is."""
    agreed = item.price
    if agreed is None or item.price_policy == "keep":
        return None
    first = subscription.first_billed_day
    last = item.first_day(first) if item.once else item.end_date
    return next(
        (
            max(one.start, item.first_day(first))
            for one in takewhile(lambda one: last is None or one.start <= last, periods)
            if (day := _version_day(subscription, item, agreed, one.start))
            and day >= valid_from
            and item.share_of(one, first)
        ),
        None,
    )


def _version_day(subscription: Subscription, item: Item, agreed: AgreedPrice, start: date) -> date | None:
    """The day whose version bills the period from `start` on; None for the version that was agreed."""
    first = subscription.first_billed_day
    match item.price_policy:
        case "next_period":
            return max(start, agreed.since or item.first_day(first))
        case "renewal":
            renewed = renewed_on(subscription, first, start)
            return renewed if agreed.since is None or (renewed and renewed > agreed.since) else None
    return None


def offer_for(
    subscription: Subscription,
    item: Item,
    terms: Terms,
    period: Period,
    row: SubscriptionPeriod | None,
    price_basis: PriceBasis,
) -> Offer:
    """The version of an item's price that bills terms in a period, with the tax in force on the period's last day.

    Refuses a price that does not apply. One that is archived bills the items that have it already.
    """
    pointer = f"/items/{subscription.items.index(item)}"
    known = price_basis.known(terms.price.id if terms.price else "", pointer)
    number = version_for(subscription, item, terms, known.price, period.start, row)
    day = last_day(subscription, item, period)
    offer = known.offer(number, price_basis.tenant, item.tax, supplied=day, pointer=f"{pointer}/price_id")
    require_applicable(offer, terms.quantity, subscription, pointer)
    return offer


def last_day(subscription: Subscription, item: Item, period: Period) -> date:
    """The last day of a period that an item is billed for. Its tax applies."""
    return item.days_in(period, subscription.first_billed_day)[1]


def part_lines(offer: Offer, quantity: Decimal, share: Share, *, currency: str, language: str) -> Iterator[PartLine]:
    """The lines that bill a share of a period at a price, up to its minimum."""
    terms: dict[str, Any] = {"currency": currency, "language": language, "share": share}
    parts = lines_of(offer, quantity, **terms)
    codes = (*codes_of(offer, quantity, currency), "minimum")
    for line, code in zip(with_minimum(offer, parts, **terms), codes, strict=False):
        # The line up to the minimum states its amount, and not a share of it.
        is_shared = not share.is_whole and code != "minimum"
        yield PartLine(line, line.quantity / share.days if is_shared else line.quantity, code)
