"""How orders are stored."""

from functools import partial
from types import MappingProxyType

from invoicing.core.errors import DuplicateExternalId
from invoicing.core.model import Aggregate
from invoicing.customers.model import Customer
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.model import OrderSummary
from invoicing.orders.requests import OrderQuery
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.listing import Filter, KeyRange, between, same
from invoicing.store.rows.items import filtered, listed
from invoicing.store.table import Table

KIND = "ORD"


class OrderTable(Table[OrderSummary]):
    """`T#<tenant>#ORD#<order>`: the head has SK `#`, its content `#BODY#<part>`."""

    kind = OrderSummary
    part = KIND
    missing = OrderNotFound
    unique = MappingProxyType({"external_id": partial(DuplicateExternalId, pointer="/external_id")})

    def attributes(self, thing: OrderSummary, tenant: str) -> Item:
        """The lists of tenant and customer, and the attributes of their filters."""
        item = filtered(thing, "status", "customer_id", "purchase_order_id", "currency", "created_at", "updated_at")
        return item | listed(
            (keys.of_tenant(tenant, KIND), thing.id),
            (keys.of_customer(tenant, thing.customer_id, KIND), thing.id),
        )

    def references(self, thing: OrderSummary) -> tuple[tuple[type[Aggregate], str], ...]:
        """An order refers to its customer."""
        return ((Customer, thing.customer_id),)


def order_key(tenant: str, order_id: str) -> Key:
    """The key of an order's head."""
    return OrderTable().key(tenant, order_id)


def range_of(query: OrderQuery, tenant: str, holder: str | None) -> KeyRange:
    """The part of a list that a query reads; `holder` is the order with the external id in the query."""
    everything = keys.of_tenant(tenant, KIND)
    partition = keys.of_customer(tenant, query.customer_id, KIND) if query.customer_id else everything
    return KeyRange(partition, holder, holder)


def conditions_of(query: OrderQuery) -> list[Filter]:
    """The conditions of a query that its range does not cover."""
    found: list[Filter] = [
        *same(status=query.status, purchase_order_id=query.purchase_order_id, currency=query.currency)
    ]
    found += between("created_at", query.created_from, query.created_to)
    return found + between("updated_at", query.updated_since, None)
