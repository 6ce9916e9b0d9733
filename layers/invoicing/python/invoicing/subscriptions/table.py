"""How subscriptions and their periods are stored, their lists, and which ones a caller may see."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from types import MappingProxyType

from invoicing.catalogue.table import price_key
from invoicing.core.errors import AccessDenied, DuplicateExternalId
from invoicing.core.identity import Caller, Role
from invoicing.core.model import Aggregate
from invoicing.customers.model import Customer
from invoicing.store import keys
from invoicing.store.keys import SORT, IndexPartition, Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, Not, beginning_with, between, same
from invoicing.store.reading import items_beginning
from invoicing.store.rows.items import filtered, keyed, listed
from invoicing.store.session import Session
from invoicing.store.table import Table
from invoicing.store.transaction import Write, delete, overwrite
from invoicing.subscriptions.changing.model import agreed_prices
from invoicing.subscriptions.errors import PeriodNotFound, SubscriptionNotFound
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription, SubscriptionSummary
from invoicing.subscriptions.requests import SubscriptionQuery

KIND = "SUB"
_PERIOD = "PER#"
_USE = f"{KIND}#"
_POLICIES = "price_policies"


class SubscriptionTable(Table[SubscriptionSummary]):
    """`T#<tenant>#SUB#<subscription>`: the head has SK `#`, its content `#BODY#<part>`.

    Each price of its items has an item that names it: `T#<tenant>#PRC#<price>`, SK `SUB#<subscription>`.
    """

    kind = SubscriptionSummary
    part = KIND
    missing = SubscriptionNotFound
    unique = MappingProxyType({"external_id": partial(DuplicateExternalId, pointer="/external_id")})

    def attributes(self, thing: SubscriptionSummary, tenant: str) -> Item:
        """The lists of tenant, customer and owner, the list by next step, and the attributes of filters."""
        item = filtered(
            thing, "status", "customer_id", "ends_on", "renews_on", "next_bill_on", "created_at", "updated_at"
        )
        item["attention"] = {"BOOL": thing.attention is not None}
        if thing.price_ids:
            item["sold"] = {"SS": [*thing.price_ids, *thing.product_ids]}
        owner = thing.owner_id and subscriptions_of_owner(tenant, thing.owner_id)
        step = thing.next_step
        return item | listed(
            (keys.of_tenant(tenant, KIND), thing.id),
            (subscriptions_of(tenant, thing.customer_id), thing.id),
            (owner or None, thing.id),
            (to_bill(tenant) if step else None, f"{step[0]}T{step[1]:02d}#{thing.id}" if step else ""),
        )

    def beside(
        self, before: SubscriptionSummary | None, after: SubscriptionSummary | None, session: Session
    ) -> Iterator[Write]:
        """The subscription under each price of its items: `T#<tenant>#PRC#<price>`, SK `SUB#<subscription>`.

        Summaries have no items, and so they change none.
        """
        thing = after or before
        if not isinstance(thing, Subscription):
            return
        tenant = session.caller.tenant_id
        had, has = _policies(before), _policies(after)
        for price_id in sorted(has):
            if has[price_id] != had.get(price_id):
                item = keyed(use_key(tenant, price_id, thing.id), "price_use")
                yield overwrite(item | {_POLICIES: {"SS": sorted(has[price_id])}})
        yield from (delete(use_key(tenant, price_id, thing.id)) for price_id in sorted(had.keys() - has.keys()))

    def require_visible(self, thing: SubscriptionSummary, caller: Caller) -> None:
        """Members see subscriptions of owned customers, portal users the running ones of their customer."""
        if not thing.visible_to(caller):
            raise AccessDenied

    def references(self, thing: SubscriptionSummary) -> tuple[tuple[type[Aggregate], str], ...]:
        """A subscription refers to its customer."""
        return ((Customer, thing.customer_id),)


class PeriodTable(Table[SubscriptionPeriod]):
    """The subscription's partition, SK `PER#<track>#<first day>`, inserted once: the claim of the period."""

    kind = SubscriptionPeriod
    ids = ("subscription_id", "id")
    missing = PeriodNotFound

    def key(self, tenant: str, *ids: str) -> Key:
        """The key, from the id of the subscription and the period's own."""
        subscription_id, id_ = ids
        return SubscriptionTable().key(tenant, subscription_id).at(_PERIOD + id_.replace(".", "#"))


def use_key(tenant: str, price_id: str, subscription_id: str) -> Key:
    """The key of the item that records the use of a price by a subscription."""
    return price_key(tenant, price_id).at(_USE + subscription_id)


def users_of(tenant: str, price_id: str) -> list[str]:
    """The ids of the subscriptions with an item that can take a later version of a price."""
    rows = items_beginning(price_key(tenant, price_id), _USE)
    return [row[SORT]["S"].removeprefix(_USE) for row in rows if row[_POLICIES]["SS"] != ["keep"]]


def _policies(thing: SubscriptionSummary | None) -> dict[str, set[str]]:
    """The policies of the items of each price."""
    found: dict[str, set[str]] = {}
    for price, policy in agreed_prices(thing.items, thing.changes) if isinstance(thing, Subscription) else ():
        found.setdefault(price.id, set()).add(policy)
    return found


def subscriptions_of(tenant: str, customer_id: str) -> IndexPartition:
    """All subscriptions of a customer."""
    return keys.of_customer(tenant, customer_id, KIND)


def subscriptions_of_owner(tenant: str, user_id: str) -> IndexPartition:
    """All subscriptions of the customers that a user owns."""
    return keys.of_owner(tenant, user_id, KIND)


def to_bill(tenant: str) -> IndexPartition:
    """Subscriptions by the date and hour from which something is due."""
    return keys.index_of(tenant, "GSI7", "BILL")


def subscription_key(tenant: str, subscription_id: str) -> Key:
    """The key of the head of a subscription."""
    return SubscriptionTable().key(tenant, subscription_id)


def period_key(tenant: str, subscription_id: str, period: str) -> Key:
    """The key of a period."""
    return PeriodTable().key(tenant, subscription_id, period)


def periods_of(tenant: str, subscription_id: str) -> KeyRange:
    """The periods of a subscription."""
    return beginning_with(SubscriptionTable().key(tenant, subscription_id), _PERIOD)


def periods_from(tenant: str, subscription_id: str, track: str, start: date) -> KeyRange:
    """The periods of a track that begin on a day or later."""
    partition = IndexPartition(None, SubscriptionTable().key(tenant, subscription_id).partition)
    return KeyRange(partition, f"{_PERIOD}{track}#{start}", f"{_PERIOD}{track}#~")


def due_until(local: datetime) -> str:
    """The sort key before which a subscription is due in this hour of the tenant's time zone."""
    return f"{local:%Y-%m-%dT%H}~"


def steps_until(day: date) -> str:
    """The sort key before which the next step of a subscription is due by the end of a day."""
    return f"{day}T~"


def ranges_of(query: SubscriptionQuery, caller: Caller, holder: str | None) -> list[KeyRange]:
    """The parts of lists that a query reads; `holder` is the subscription with the external id in the query."""
    tenant = caller.tenant_id
    if caller.role is Role.MEMBER:
        partition = subscriptions_of_owner(tenant, caller.user.id if caller.user else "-")
    elif caller.role is Role.CUSTOMER:
        # A portal user without a customer must see nothing instead of everything. Attention is null for portal users.
        partition = subscriptions_of(tenant, "-" if query.attention else caller.customer_id or "-")
    elif query.customer_id:
        partition = subscriptions_of(tenant, query.customer_id)
    else:
        partition = keys.of_tenant(tenant, KIND)
    return [KeyRange(partition, holder, holder)]


def conditions_of(query: SubscriptionQuery, caller: Caller) -> list[Filter]:
    """The conditions of a query that its ranges do not cover."""
    found: list[Filter] = [*same(status=query.status)]
    found += [Condition("sold", "contains", id_) for id_ in (query.product_id, query.price_id) if id_]
    found += between("ends_on", None, query.ends_to)
    found += between("renews_on", None, query.renews_to)
    found += between("next_bill_on", None, query.next_bill_to)
    found += between("created_at", query.created_from, query.created_to)
    found += between("updated_at", query.updated_since, None)
    if query.attention is not None and caller.role is not Role.CUSTOMER:
        found.append(Condition("attention", "=", query.attention))
    if caller.limited:
        found += same(customer_id=query.customer_id)
    if caller.role is Role.CUSTOMER:
        found.append(Not(tuple(same(status="ended"))))
    return found
