"""Lines that name a price, filled in from the version of the price in force today."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from invoicing.catalogue.errors import MixedPriceModes, PriceArchived, PriceNotInCurrency
from invoicing.catalogue.lines import Offer, lines_of, with_minimum
from invoicing.catalogue.price import PriceSummary, PriceVersion
from invoicing.catalogue.price_line import DocumentTerms, PriceLine
from invoicing.catalogue.product import Product
from invoicing.catalogue.table import price_key, product_key, version_key
from invoicing.catalogue.workflow import offer_of
from invoicing.core.errors import Invalid, Violation
from invoicing.invoices.drafts.model import MAX_LINES
from invoicing.invoices.errors import ReferenceNotFound
from invoicing.pricing.line import FilledLine, NewLine
from invoicing.store.reading import items_at
from invoicing.store.rows.items import model_of
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def filled_lines[L: NewLine](
    store: Store, tenant: Tenant, lines: Sequence[L | PriceLine], terms: DocumentTerms, *, first: int
) -> tuple[L, ...]:
    """The lines of a document, each line that names a price replaced by the lines of that price."""
    named = [(line.price_id, place) for place, line in enumerate(lines, -first) if isinstance(line, PriceLine)]
    offers = _offers(store, tenant, {id_: f"/lines/{place}/price_id" for id_, place in reversed(named)})
    found: list[NewLine] = []
    for place, line in enumerate(lines, -first):
        if isinstance(line, PriceLine):
            found += lines_from(line, offers[line.price_id], terms, pointer=f"/lines/{place}")
        else:
            found.append(line)
    if len(found) > MAX_LINES:
        raise Invalid(f"A document can have at most {MAX_LINES} lines.", pointer="/lines")
    # Filled lines have every field of the other kinds.
    return cast("tuple[L, ...]", tuple(found))


def lines_from(line: PriceLine, offer: Offer, terms: DocumentTerms, *, pointer: str) -> Iterator[FilledLine]:
    """The lines that a line with a price becomes; `pointer` is that of the line."""
    _require_usable(line, offer, terms, pointer)
    plain = lines_of(offer, line.quantity, currency=terms.currency, language=terms.language)
    stated = {"period": line.period, "order_line": line.order_line, "package_name": line.package_name}
    for place, one in enumerate(with_minimum(offer, plain, currency=terms.currency, language=terms.language)):
        description = line.description if line.description and not place else one.description
        yield one.model_copy(update={**stated, "metadata": line.metadata, "description": description})


def _offers(store: Store, tenant: Tenant, pointers: Mapping[str, str]) -> Mapping[str, Offer]:
    """The prices with these ids, each with its product and the version in force today, in two reads."""
    heads = items_at([price_key(store.tenant_id, id_) for id_ in pointers])
    prices = {price.id: price for price in (store.take(PriceSummary, item) for item in heads.values())}
    if unknown := pointers.keys() - prices.keys():
        violations = (Violation(pointers[id_], ReferenceNotFound.code, "There is no such price.") for id_ in unknown)
        raise ReferenceNotFound(errors=tuple(sorted(violations, key=lambda one: one.pointer)))
    today = store.session.moment.today
    keys = {
        id_: (
            product_key(store.tenant_id, price.product_id),
            version_key(store.tenant_id, id_, price.number_on(today)),
        )
        for id_, price in prices.items()
    }
    items = items_at(sorted({key for pair in keys.values() for key in pair}))
    return {
        id_: offer_of(
            tenant,
            store.take(Product, items[keys[id_][0]]),
            price,
            model_of(PriceVersion, items[keys[id_][1]]),
            pointer=pointers[id_],
        )
        for id_, price in prices.items()
    }


def _require_usable(line: PriceLine, offer: Offer, terms: DocumentTerms, pointer: str) -> None:
    """Refuse a price that this document cannot use."""
    price, of_price = offer.price, f"{pointer}/price_id"
    if price.archived_at is not None or offer.product.archived_at is not None:
        raise PriceArchived(pointer=of_price)
    if terms.currency not in offer.version.amounts:
        raise PriceNotInCurrency(f"The price has no amounts in {terms.currency}.", pointer=of_price)
    if price.price_tax_inclusive != terms.price_tax_inclusive:
        raise MixedPriceModes(pointer=of_price)
    if price.model == "percentage":
        raise Invalid("A percentage price applies to an amount of money, not to a quantity.", pointer=of_price)
    if price.model == "flat" and line.quantity != 1:
        raise Invalid("The quantity of a flat price must be 1.", pointer=f"{pointer}/quantity")
