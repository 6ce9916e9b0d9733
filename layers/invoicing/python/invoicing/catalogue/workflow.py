"""Steps about products and prices that several functions share."""

from invoicing.catalogue.errors import PriceNotFound
from invoicing.catalogue.events import ProductUpdated
from invoicing.catalogue.price import Price, PriceSummary
from invoicing.catalogue.product import Product
from invoicing.catalogue.table import price_key, versions_of, with_default
from invoicing.core.errors import Violation
from invoicing.core.event import Event, Recorded
from invoicing.invoices.errors import ReferenceNotFound
from invoicing.store.reading import item_at
from invoicing.store.store import Store
from invoicing.tenants.table import tenant_of


def product_and_price(store: Store, price_id: str) -> tuple[Product, Price]:
    """A price with all its versions, and its product."""
    item = item_at(price_key(store.tenant_id, price_id))
    if item is None:
        raise PriceNotFound
    summary = store.take(PriceSummary, item)
    product = store.get(Product, summary.product_id)
    # Not validated again: rows of newer code can have values that only they know.
    whole = Price.model_construct(**dict(summary), versions=versions_of(store, summary))
    price = with_default(whole, product)
    # The event of a change names the fields that differ from those read.
    store.session.read(price, item)
    return product, price


def require_family(store: Store, family: str | None, *, before: str | None = None) -> None:
    """Refuse a family that the tenant does not have. One that stays as it is, is not checked again."""
    if family is None or family == before:
        return
    if family not in {one.code for one in tenant_of(store).product_families}:
        message = "The tenant has no family with this code."
        raise ReferenceNotFound(errors=(Violation("/family", ReferenceNotFound.code, message),))


def commit_price(store: Store, product: Product, price: Price, *events: Event) -> Price:
    """Commit a price, and its product where it got another default price."""
    moved = product.with_default(price.id, store.session.moment, default=price.default)
    more = [] if moved is product else [Recorded(moved, ProductUpdated())]
    return store.commit(Recorded(price, *events), *more)
