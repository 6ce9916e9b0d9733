"""The lines that a quantity gives at a price, in the six models. A line is the only thing that is rounded, later.

Each tier and each flat amount is a line of its own. Of a part of a period a line has quantity × days, and the days of
the full period as its base quantity, so that everybody can check it with a calendar.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from invoicing.catalogue.amounts import PriceAmounts, PriceModel, Tier
from invoicing.catalogue.errors import MixedPriceModes, PriceArchived, PriceNotInCurrency, TaxNotKnown
from invoicing.catalogue.price import PriceSummary, PriceVersion
from invoicing.catalogue.price_line import Priced
from invoicing.catalogue.product import Product
from invoicing.core.currency import MOST_DIGITS, divide, from_minor, to_minor
from invoicing.core.errors import Invalid
from invoicing.core.model import decimal_text
from invoicing.documents.texts.model import Texts, texts_of
from invoicing.pricing.line import FilledLine
from invoicing.pricing.share import Share
from invoicing.pricing.tax import Tax, normal
from invoicing.pricing.totals import list_amount
from invoicing.tenants.model import Tenant

_LONGEST_NAME = 200


class Offer(NamedTuple):
    """A version of a price as a document uses it: with its product, and with the tax that applies."""

    product: Product
    price: PriceSummary
    version: PriceVersion
    tax: Tax
    language: str
    """Language of the names where the product has none in the language of the document."""

    def amounts_in(self, currency: str) -> PriceAmounts:
        """The amounts in a currency. They are never converted."""
        found = self.version.amounts.get(currency)
        if found is None:
            raise PriceNotInCurrency(f"The price has no amounts in {currency}.", pointer="/currency")
        return found


class KnownPrice(NamedTuple):
    """A price with its product, and the versions of it that were read, by their numbers."""

    product: Product
    price: PriceSummary
    versions: Mapping[int, PriceVersion]

    def offer(
        self, number: int, tenant: Tenant, tax: Tax | None = None, *, supplied: date, pointer: str | None = None
    ) -> Offer:
        """One of its versions as documents use it, with the tax of the version in force on the day of the supply.

        The tax follows the law and the amounts the agreement, so both can come from different versions. An agreed `tax`
        applies in place of it.
        """
        version = self.versions[number]
        if tax is not None:
            return Offer(self.product, self.price, version, tax, tenant.language)
        taxed = self.versions[self.price.number_on(supplied)]
        return offer_of(tenant, self.product, self.price, version, taxed, pointer=pointer)


def offer_of(
    tenant: Tenant,
    product: Product,
    price: PriceSummary,
    version: PriceVersion,
    taxed: PriceVersion | None = None,
    *,
    pointer: str | None = None,
) -> Offer:
    """A version of a price as documents use it. Its tax is that of `taxed`, the product or the tenant.

    `taxed` is the version in force on the day of the supply, by default the same one.
    """
    tax = (taxed or version).tax or product.tax or tenant.default_tax
    if tax is None:
        raise TaxNotKnown(pointer=pointer)
    return Offer(product, price, version, tax, tenant.language)


def require_usable(offer: Offer, quantity: Decimal, document: Priced, pointer: str) -> None:
    """Refuse a price that no new line or item can have, with this quantity; `pointer` is that of the line or item."""
    if offer.price.archived_at is not None or offer.product.archived_at is not None:
        raise PriceArchived(pointer=f"{pointer}/price_id")
    require_applicable(offer, quantity, document, pointer)


def require_applicable(offer: Offer, quantity: Decimal, document: Priced, pointer: str) -> None:
    """Refuse a price that does not apply to this quantity in a document. Archiving a price alters no agreement."""
    price, of_price = offer.price, f"{pointer}/price_id"
    if document.currency not in offer.version.amounts:
        raise PriceNotInCurrency(f"The price has no amounts in {document.currency}.", pointer=of_price)
    if price.price_tax_inclusive != document.price_tax_inclusive:
        raise MixedPriceModes(pointer=of_price)
    if price.model == "percentage":
        raise Invalid("A percentage price applies to an amount of money, not to a quantity.", pointer=of_price)
    if price.model == "flat" and quantity != 1:
        raise Invalid("The quantity of a flat price must be 1.", pointer=f"{pointer}/quantity")


class Events(NamedTuple):
    """Events with an amount of money, for percentage prices: all together, and each where it is known."""

    amount: Decimal
    number: int
    each: tuple[Decimal, ...] | None = None

    @classmethod
    def of(cls, *amounts: Decimal) -> "Events":
        """Events whose amounts are known, in their order."""
        return cls(sum(amounts, Decimal(0)), len(amounts), amounts)


class _Part(NamedTuple):
    """The part of a quantity that has one price: a line before its texts."""

    quantity: Decimal
    price: Decimal
    label: str = ""
    values: Mapping[str, Decimal] = {}
    base: Decimal = Decimal(1)
    tier: int | None = None
    counts_units: bool = True
    """Whether the quantity counts units of the product, not packages, flat amounts or money."""

    @property
    def code(self) -> str:
        """The code of its kind and tier, such as `units.2` for the units of the second tier."""
        kind = self.label.rpartition(" ")[2]
        kind = "units" if kind in ("", "tier", "tier_first", "tier_last") else kind
        return kind if self.tier is None else f"{kind}.{self.tier}"


def lines_of(
    offer: Offer, quantity: Decimal | Events, *, currency: str, language: str, share: Share | None = None
) -> tuple[FilledLine, ...]:
    """The lines of a quantity, zero or more, at a price; `Events` for percentage prices.

    `share` is the part of the period that is charged. Usage is not shared by days, so percentages have no share. The
    minimum of the price is not included (see `with_minimum`).
    """
    amounts = offer.amounts_in(currency)
    if share is not None and (share.is_whole or isinstance(quantity, Events)):
        share = None
    # Exact in any decimal context.
    with localcontext(prec=60):
        parts = [part for part in _parts(offer.price.model, amounts, quantity) if part.quantity]
        words = texts_of(language)
        return tuple(_line(offer, part, share, words, language, first=not place) for place, part in enumerate(parts))


def codes_of(offer: Offer, quantity: Decimal, currency: str) -> tuple[str, ...]:
    """The code of each of `lines_of`. Lines of one code have the same price, for each quantity."""
    with localcontext(prec=60):
        parts = _parts(offer.price.model, offer.amounts_in(currency), quantity)
        return tuple(part.code for part in parts if part.quantity)


def with_minimum(
    offer: Offer, lines: Sequence[FilledLine], *, currency: str, language: str, share: Share | None = None
) -> tuple[FilledLine, ...]:
    """The lines of an item and period, with one up to the share of the minimum where they are below it."""
    minimum = offer.version.minimum.get(currency)
    if minimum is None:
        return tuple(lines)
    days, of = (share.days, share.of) if share else (1, 1)
    units = divide(to_minor(minimum, currency, pointer=f"/minimum/{currency}") * days, of)
    missing = units - sum(list_amount(line, currency) for line in lines)
    if missing <= 0:
        return tuple(lines)
    part = _Part(Decimal(1), from_minor(missing, currency), "minimum", counts_units=False)
    return (*lines, _line(offer, part, None, texts_of(language), language, first=not lines))


def _parts(model: PriceModel, amounts: PriceAmounts, quantity: Decimal | Events) -> Iterator[_Part]:
    if isinstance(quantity, Events):
        if model != "percentage":
            raise Invalid("Only percentage prices apply to an amount of money.", pointer="/amount")
        return _percentage(amounts, quantity)
    price = amounts.unit_amount or Decimal(0)
    match model:
        case "flat":
            return iter([_Part(Decimal(1), price, counts_units=False)])
        case "unit":
            return iter([_Part(quantity, price)])
        case "package":
            return _packages(amounts, price, quantity)
        case "graduated":
            return _graduated(amounts.tiers, quantity)
        case "volume":
            return _volume(amounts.tiers, quantity)
    raise Invalid("A percentage price requires the amount and the number of events.", pointer="/amount")


def _packages(amounts: PriceAmounts, price: Decimal, quantity: Decimal) -> Iterator[_Part]:
    free = min(quantity, amounts.free_quantity)
    yield _Part(free, Decimal(0), "free_units")
    size = amounts.package_size or Decimal(1)
    units, per_package = (quantity - free).as_integer_ratio(), size.as_integer_ratio()
    started = -(-units[0] * per_package[1] // (units[1] * per_package[0]))
    yield _Part(Decimal(started), price, "packages", {"size": size}, counts_units=False)


def _graduated(tiers: Sequence[Tier], quantity: Decimal) -> Iterator[_Part]:
    start = Decimal(0)
    for number, tier in enumerate(tiers, 1):
        if number > 1 and quantity <= start:
            return
        units = (quantity if tier.up_to is None else min(quantity, tier.up_to)) - start
        yield from _of_tier(tiers, number, units)
        start = tier.up_to or start


def _volume(tiers: Sequence[Tier], quantity: Decimal) -> Iterator[_Part]:
    number = next(place for place, tier in enumerate(tiers, 1) if tier.up_to is None or quantity <= tier.up_to)
    yield from _of_tier(tiers, number, quantity)


def _of_tier(tiers: Sequence[Tier], number: int, units: Decimal) -> Iterator[_Part]:
    """The units of a tier and its flat amount."""
    tier = tiers[number - 1]
    label, values = _range(tiers, number)
    if tier.unit_amount is not None:
        yield _Part(units, tier.unit_amount, label, values, tier=number)
    # A flat amount of zero is a line where the tier has no other, so that each quantity is on the document.
    if tier.flat_amount or (tier.flat_amount is not None and tier.unit_amount is None):
        label = " ".join(filter(None, (label, "flat_amount")))
        yield _Part(Decimal(1), tier.flat_amount, label, values, tier=number, counts_units=False)


def _range(tiers: Sequence[Tier], number: int) -> tuple[str, Mapping[str, Decimal]]:
    """The name of a tier in `documents.texts`, and its bounds. A single tier has no name."""
    start, end = tiers[number - 2].up_to if number > 1 else None, tiers[number - 1].up_to
    bounds = {name: bound for name, bound in (("start", start), ("end", end)) if bound is not None}
    names = {("start", "end"): "tier", ("end",): "tier_first", ("start",): "tier_last", (): ""}
    return names[tuple(bounds)], bounds


def _percentage(amounts: PriceAmounts, events: Events) -> Iterator[_Part]:
    amount, count = _charged(amounts, events)
    percent = amounts.percent or Decimal(0)
    yield _Part(amount, percent, "percent_of", {"percent": percent}, base=Decimal(100), counts_units=False)
    if amounts.fixed_amount:
        yield _Part(Decimal(count), amounts.fixed_amount, "per_event", counts_units=False)


def _charged(amounts: PriceAmounts, events: Events) -> tuple[Decimal, int]:
    """The amount and the number of the events that are not free: the first ones are, up to both allowances."""
    if not amounts.has_free_events:
        return events.amount, events.number
    if _is_free(amounts, events.amount, events.number):
        return Decimal(0), 0
    if events.each is None:
        raise Invalid("The price has free events, so the amount of each event is required.", pointer="/event_amounts")
    passed = Decimal(0)
    for place, amount in enumerate(events.each):
        if not _is_free(amounts, passed + amount, place + 1):
            return sum(events.each[place:], Decimal(0)), len(events.each) - place
        passed += amount
    return Decimal(0), 0


def _is_free(amounts: PriceAmounts, amount: Decimal, count: int) -> bool:
    within_count = amounts.free_events is None or count <= amounts.free_events
    return within_count and (amounts.free_amount is None or amount <= amounts.free_amount)


def _line(offer: Offer, part: _Part, share: Share | None, words: Texts, language: str, *, first: bool) -> FilledLine:
    product = offer.product
    quantity = part.quantity * share.days if share else part.quantity
    if quantity.adjusted() >= MOST_DIGITS:
        raise Invalid(f"A quantity can have at most {MOST_DIGITS} digits before the point.", pointer="/quantity")
    unit = product.unit if part.counts_units else "C62"
    return FilledLine(
        item_id=product.code,
        name=_name(offer, part, share, words, language),
        # Further lines of the same product would repeat it.
        description=_in_language(product.description, language, offer.language) if first else None,
        quantity=quantity,
        unit="DAY" if share else unit,
        unit_price=part.price,
        price_base_quantity=part.base * share.of if share else part.base,
        tax=offer.tax,
        accounting_code=product.accounting_code,
        price_id=offer.price.id,
        price_version=offer.version.number,
        price_tier=part.tier,
    )


def _name(offer: Offer, part: _Part, share: Share | None, words: Texts, language: str) -> str:
    """The name of the product, then the tier or the kind of the amount, then the share: `5 ×, 16 of 31 days`."""

    def number(value: Decimal) -> str:
        return decimal_text(normal(value)).replace(".", words.label("decimal_mark"))

    values = {name: number(value) for name, value in part.values.items()}
    ends = [words.label(label, **values) for label in part.label.split()]
    if share is not None:
        days = {"days": str(share.days), "of": str(share.of)}
        ends.append(words.label("share", quantity=number(part.quantity), **days))
    end = "".join(f", {one}" for one in ends)
    name = _in_language(offer.product.name, language, offer.language) or offer.product.code
    room = _LONGEST_NAME - len(end)
    return (name if len(name) <= room else f"{name[: room - 1]}…") + end


def _in_language(texts: Mapping[str, str], language: str, fallback: str) -> str | None:
    """The text in a language (`de-AT`, else `de`, else one of its regions), else in the fallback, else the first."""
    regions = (tag for tag in sorted(texts) if tag.startswith(f"{language[:2]}-"))
    for tag in (language, language[:2], *regions, fallback, fallback[:2], *sorted(texts)):
        if tag in texts:
            return texts[tag]
    return None
