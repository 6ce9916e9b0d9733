"""How products and prices are stored.

Beside each product, an item counts its prices: a deletion of the product conflicts there with a price that is created
at the same moment.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from invoicing.catalogue.errors import PriceNotFound, ProductCodeTaken, ProductInUse, ProductNotFound, VersionOrder
from invoicing.catalogue.price import Price, PriceSummary, PriceVersion
from invoicing.catalogue.product import Product
from invoicing.catalogue.requests import ProductQuery
from invoicing.core.errors import DomainError, Invalid
from invoicing.core.model import Aggregate
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, same
from invoicing.store.reading import items_at, items_beginning
from invoicing.store.rows.items import filtered, keyed, listed, model_of
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, always, delete, overwrite, put, update

KIND = "PRD"
MOST_PRICES: Final = 200
_PRICE, _VERSION, _REFERENCES = "PRC", "V#", "REFS"


class ProductTable(Table[Product]):
    """`T#<tenant>#PRD#<product>`, SK `#`; the number of its prices has SK `REFS`, and the id of each `PRC#<price>`."""

    kind = Product
    part = KIND
    missing = ProductNotFound
    unique = MappingProxyType({"code": partial(ProductCodeTaken, pointer="/code")})

    def attributes(self, thing: Product, tenant: str) -> Item:
        """The list of the tenant, and the attributes of its filters."""
        item = filtered(thing, "family") | {"archived": {"BOOL": thing.archived_at is not None}}
        return item | listed((keys.of_tenant(tenant, KIND), thing.id))

    def beside(self, before: Product | None, after: Product | None, session: Session) -> Iterator[Write]:
        """The number of its prices, which is created and deleted with the product."""
        thing = after or before
        if thing is None or (before and after):
            return
        references = self.key_of(thing, session.caller.tenant_id).at(_REFERENCES)
        if after is not None:
            yield put(keyed(references, "references") | {"prices": {"N": "0"}}, always(ProductCodeTaken()))
            return
        gone = delete(references)
        gone.request["Delete"] |= {
            "ConditionExpression": "prices = :none",
            "ExpressionAttributeValues": {":none": {"N": "0"}},
        }
        yield gone._replace(refuse=always(ProductInUse()), rank=2)

    def referred(self, id_: str, more: int, session: Session) -> Write:
        """Count a price more. Requires that the product exists."""

        def refuse(there: Mapping[str, Any] | None) -> DomainError:
            if there is None:
                return ProductNotFound()
            return Invalid(f"A product can have at most {MOST_PRICES} prices.", pointer="")

        return update(
            self.key(session.caller.tenant_id, id_).at(_REFERENCES),
            refuse,
            rank=2,
            UpdateExpression="ADD prices :more",
            ConditionExpression="attribute_exists(PK) AND prices < :most",
            ExpressionAttributeValues={":more": {"N": str(more)}, ":most": {"N": str(MOST_PRICES)}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )


class PriceTable(Table[PriceSummary]):
    """`T#<tenant>#PRC#<price>`, SK `#`; each version under SK `V#<number>`, written once."""

    kind = PriceSummary
    part = _PRICE
    missing = PriceNotFound
    collection = "prices"

    def text(self, thing: PriceSummary) -> str:
        """The price without its versions. Its product has the default price."""
        return thing.model_dump_json(include=set(PriceSummary.model_fields) - {"default"})

    def references(self, thing: PriceSummary) -> tuple[tuple[type[Aggregate], str], ...]:
        """A price belongs to its product."""
        return ((Product, thing.product_id),)

    def beside(self, before: PriceSummary | None, after: PriceSummary | None, session: Session) -> Iterator[Write]:
        """The identifier of a new price under its product, and the versions that are new."""
        if after is None:
            return
        tenant = session.caller.tenant_id
        if before is None:
            of_product = product_key(tenant, after.product_id).at(f"{_PRICE}#{after.id}")
            yield overwrite(keyed(of_product, "product_price"))
        known = len(before.versions_from) if before else 0
        for version in after.versions[known:] if isinstance(after, Price) else ():
            item = keyed(version_key(tenant, after.id, version.number), "price_version", version.model_dump_json())
            yield put(item, always(VersionOrder(pointer="/valid_from")), rank=2)


def product_key(tenant: str, product_id: str) -> Key:
    """The key of a product."""
    return ProductTable().key(tenant, product_id)


def price_key(tenant: str, price_id: str) -> Key:
    """The key of a price."""
    return PriceTable().key(tenant, price_id)


def version_key(tenant: str, price_id: str, number: int) -> Key:
    """The key of a version. Numbers have four digits, so that they sort."""
    return price_key(tenant, price_id).at(f"{_VERSION}{number:04d}")


def prices_of(store: Store, product: Product) -> tuple[PriceSummary, ...]:
    """The prices of a product, in the order of their creation."""
    of_product = items_beginning(product_key(store.tenant_id, product.id), f"{_PRICE}#")
    keys = [price_key(store.tenant_id, Key.of(item).sort.removeprefix(f"{_PRICE}#")) for item in of_product]
    heads = items_at(keys)
    return tuple(with_default(store.take(PriceSummary, heads[key]), product) for key in keys)


def versions_of(store: Store, price: PriceSummary) -> tuple[PriceVersion, ...]:
    """The versions that a price has, in the order of their numbers."""
    items = items_beginning(price_key(store.tenant_id, price.id), _VERSION)
    return tuple(model_of(PriceVersion, item, shows=store.session.shows) for item in items[: len(price.versions_from)])


def with_default[P: PriceSummary](price: P, product: Product) -> P:
    """A price with its place in its product."""
    return price.model_copy(update={"default": product.default_price_id == price.id})


def range_of(tenant: str, holder: str | None) -> KeyRange:
    """The part of the list that a query reads; `holder` is the product with the code in the query."""
    return KeyRange(keys.of_tenant(tenant, KIND), holder, holder)


def conditions_of(query: ProductQuery) -> list[Filter]:
    """The conditions of a query that its range does not cover."""
    found: list[Filter] = [*same(family=query.family)]
    if query.archived is not None:
        found.append(Condition("archived", "=", query.archived))
    return found
