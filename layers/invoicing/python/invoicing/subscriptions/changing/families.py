"""The rules of product families: when a change to another product applies, by the rank of the two."""

from collections import defaultdict
from collections.abc import Iterator

from invoicing.catalogue.product import Product
from invoicing.core.errors import Invalid
from invoicing.subscriptions.changing.model import NewChange
from invoicing.subscriptions.items import Item
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import Prices
from invoicing.tenants.model import Tenant
from invoicing.tenants.product_families import FamilyDowngrade, FamilyUpgrade


def by_family(subscription: Subscription, data: NewChange, tenant: Tenant, prices: Prices) -> NewChange:
    """The change with its day and anchor decided. A change to no other rank of a family applies now.

    Refuses changes whose families have different rules.
    """
    if data.at != "family":
        return data.model_copy(update={"anchor": data.anchor or "keep"})
    rules = {
        ("now", "keep") if rule is None else (rule.at, rule.anchor if isinstance(rule, FamilyUpgrade) else "keep")
        for rule in (_rule(tenant, *move) for move in _moves(subscription, data, prices))
    }
    if len(rules) > 1:
        raise Invalid("The families of the products have different rules; state at and anchor.", pointer="/at")
    [(at, anchor)] = rules or {("now", "keep")}
    return data.model_copy(update={"at": at, "anchor": data.anchor or anchor})


def _moves(subscription: Subscription, data: NewChange, prices: Prices) -> Iterator[tuple[Product, Product]]:
    """The products of each item before and after the change, also where one is removed and one added of a family."""
    items = {one.id: one for one in subscription.items}
    removed, added = defaultdict(list), defaultdict(list)
    for one in data.items:
        before = _product(prices, items.get(one.item_id or ""))
        named = prices.get(one.named_price[0]) if one.named_price else None
        if one.op == "set" and before and named:
            yield before, named.product
        elif one.op == "remove" and before and before.family:
            removed[before.family].append(before)
        elif one.op == "add" and named and named.product.family:
            added[named.product.family].append(named.product)
    for family in removed.keys() & added.keys():
        if len(removed[family]) == len(added[family]) == 1:
            yield removed[family][0], added[family][0]


def _product(prices: Prices, item: Item | None) -> Product | None:
    known = prices.get(item.price_id or "") if item else None
    return known.product if known else None


def _rule(tenant: Tenant, before: Product, after: Product) -> FamilyUpgrade | FamilyDowngrade | None:
    """The rule for a change between two products; None if it is neither an upgrade nor a downgrade of a family."""
    family = next((one for one in tenant.product_families if one.code == after.family), None)
    if family is None or before.family != after.family or before.rank is None or after.rank is None:
        return None
    if before.rank == after.rank:
        return None
    return family.upgrade if after.rank > before.rank else family.downgrade
