"""Lines that name a price, filled in from the version of the price in force today."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from invoicing.catalogue.lines import KnownPrice, Offer, lines_of, require_usable, with_minimum
from invoicing.catalogue.price import PriceSummary, PriceVersion
from invoicing.catalogue.price_line import DocumentTerms, PriceLine
from invoicing.catalogue.product import Product
from invoicing.catalogue.table import price_key, product_key, version_key
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
    pointers = {id_: f"/lines/{place}/price_id" for id_, place in reversed(named)}
    today = store.session.moment.today
    days = {today, *(_supplied(line, today) for line in lines if isinstance(line, PriceLine))}
    known = known_prices(store, pointers, lambda price: {price.number_on(day) for day in days})
    found: list[NewLine] = []
    for place, line in enumerate(lines, -first):
        if isinstance(line, PriceLine):
            one, day = known[line.price_id], _supplied(line, today)
            number = one.price.number_on(today)
            offer = one.offer(number, tenant, supplied=day, pointer=f"/lines/{place}/price_id")
            found += lines_from(line, offer, terms, pointer=f"/lines/{place}")
        else:
            found.append(line)
    if len(found) > MAX_LINES:
        raise Invalid(f"A document can have at most {MAX_LINES} lines.", pointer="/lines")
    # Filled lines have every field of the other kinds.
    return cast("tuple[L, ...]", tuple(found))


def lines_from(line: PriceLine, offer: Offer, terms: DocumentTerms, *, pointer: str) -> Iterator[FilledLine]:
    """The lines that a line with a price becomes; `pointer` is that of the line."""
    require_usable(offer, line.quantity, terms, pointer)
    plain = lines_of(offer, line.quantity, currency=terms.currency, language=terms.language)
    stated = {"period": line.period, "order_line": line.order_line, "package_name": line.package_name}
    for place, one in enumerate(with_minimum(offer, plain, currency=terms.currency, language=terms.language)):
        description = line.description if line.description and not place else one.description
        yield one.model_copy(update={**stated, "metadata": line.metadata, "description": description})


def _supplied(line: PriceLine, today: date) -> date:
    """The day whose tax applies: the last day of the period of the line, else today."""
    return (line.period and line.period.end) or today


def known_prices(
    store: Store, pointers: Mapping[str, str], numbers: Callable[[PriceSummary], Iterable[int]]
) -> Mapping[str, KnownPrice]:
    """The prices with these ids, each with its product and the versions with these numbers, in two reads.

    `pointers` are those of the ids in the request.
    """
    heads = items_at([price_key(store.tenant_id, id_) for id_ in pointers])
    prices = {price.id: price for price in (store.take(PriceSummary, item) for item in heads.values())}
    if unknown := pointers.keys() - prices.keys():
        violations = (Violation(pointers[id_], ReferenceNotFound.code, "There is no such price.") for id_ in unknown)
        raise ReferenceNotFound(errors=tuple(sorted(violations, key=lambda one: one.pointer)))
    products = {id_: product_key(store.tenant_id, price.product_id) for id_, price in prices.items()}
    versions = {
        id_: {number: version_key(store.tenant_id, id_, number) for number in numbers(price)}
        for id_, price in prices.items()
    }
    items = items_at(sorted({*products.values(), *(key for keys in versions.values() for key in keys.values())}))
    return {
        id_: KnownPrice(
            store.take(Product, items[products[id_]]),
            price,
            {number: model_of(PriceVersion, items[key]) for number, key in versions[id_].items()},
        )
        for id_, price in prices.items()
    }
