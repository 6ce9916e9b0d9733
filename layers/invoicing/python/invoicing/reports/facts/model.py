"""A fact: the amounts by tax rate that one change of a document adds to the reports of a day."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from invoicing.core.currency import from_minor
from invoicing.core.model import Amount, CountryCode, CurrencyCode, Day, Percent, Value, local_date
from invoicing.invoices.lifecycle import DocumentType
from invoicing.invoices.model import Invoice
from invoicing.issuing.self_billing import is_self_billed
from invoicing.pricing.tax import VatCategory
from invoicing.reports.balance import BalanceChange
from invoicing.reports.facts.shares import NONE, Parts, RateKey, Standing, added, declared, standing
from invoicing.reports.facts.supply import (
    Places,
    country_of_supply,
    is_distance_sale,
    is_intra_community,
    places_of,
)

FactBasis = Literal["issued", "paid"]
"""`issued` for amounts that count when they are issued, `paid` for those that count when they are paid."""
SeparateReturn = Literal["ec_sales_list", "oss"]
"""A declaration beside the VAT return: the EC sales list, or the one-stop shop."""
_NOTHING = Decimal(0)


class RateFact(Value):
    """The amounts of one country of supply, category and rate."""

    country: CountryCode
    category: VatCategory
    rate: Percent
    declaration: SeparateReturn | None = None
    taxable: Amount
    tax: Amount
    declared_taxable: Amount | None = None
    """The same in the currency in which the tax is declared, if that is another one."""
    declared_tax: Amount | None = None


class Fact(Value):
    """The amounts of one change of a document on a day. It has no personal data but the VAT id of the buyer."""

    id: str
    """Id of the event that announced the change."""
    basis: FactBasis = "issued"
    date: Day
    """Date on which the amounts count: of issue, of the payment, or of the change."""
    supplied_on: Day
    """Date of the supply."""
    document_id: str
    type: DocumentType = "invoice"
    number: str | None = None
    customer_id: str | None = None
    buyer_country: CountryCode
    vat_id: str | None = None
    currency: CurrencyCode
    tax_currency: CurrencyCode | None = None
    """Currency in which the tax is declared, if that is another one."""
    rates: tuple[RateFact, ...] = ()
    documents: int = 0
    """1 if the document was issued."""
    invoiced: Amount = _NOTHING
    credited: Amount = _NOTHING
    cash_discount: Amount = _NOTHING
    written_off: Amount = _NOTHING

    @property
    def stored(self) -> str:
        """The fact as it is stored, without zero amounts."""
        return self.model_dump_json(exclude_defaults=True)


class Credits(NamedTuple):
    """The amounts that are credited to an invoice before and after a change."""

    before: Parts = NONE
    after: Parts = NONE


def facts_of(change: BalanceChange, document: Invoice, credits_: Credits, time_zone: str) -> Iterator[Fact]:
    """The facts of a change of a document: at most one that counts when issued, and one when paid.

    Self-billed documents have none: their seller is the customer.
    """
    if is_self_billed(document) or document.seller is None or document.customer is None:
        return
    before = standing(document, change.before, credits_.before)
    after = standing(document, change.after, credits_.after)
    places = places_of(document.seller, document.customer, document.ship_to)
    newly = change.after.issued and not change.before.issued
    day = local_date(change.at, time_zone)
    issued_on = document.issue_date or day
    days: Mapping[FactBasis, date] = {
        "issued": issued_on if newly else change.payment_date or day,
        "paid": change.payment_date or (_paid_at_issue_on(change, issued_on) if newly else day),
    }
    whole = Fact(
        id=change.id,
        date=issued_on,
        supplied_on=_supplied_on(document, issued_on),
        document_id=document.id,
        type=document.type,
        number=document.number,
        customer_id=document.customer_id,
        buyer_country=places.buyer,
        vat_id=document.customer.tax_id,
        currency=document.currency,
        tax_currency=_declared_in(document),
    )
    for basis, on in days.items():
        rates = tuple(_rates(document, getattr(before, basis), getattr(after, basis), places))
        sums = {**_sums(before, after, document.currency), "documents": int(newly)} if basis == "issued" else {}
        if rates or any(sums.values()):
            yield whole.model_copy(update={"basis": basis, "date": on, "rates": rates, **sums})


def _paid_at_issue_on(change: BalanceChange, issued_on: date) -> date:
    """The day of money that an issued document has at once: all payments of a document from before the reports."""
    last = change.after.last_payment
    return last.date if last else issued_on


def _sums(before: Standing, after: Standing, currency: str) -> dict[str, Decimal]:
    names = ("invoiced", "credited", "cash_discount", "written_off")
    more = {name: getattr(after, name) - getattr(before, name) for name in names}
    return {name: from_minor(units, currency) for name, units in more.items() if units}


def _rates(document: Invoice, before: Parts, after: Parts, places: Places) -> Iterator[RateFact]:
    """The difference of two states, by rate."""
    more = added(after, before, -1)
    also: Parts = NONE
    currency = _declared_in(document)
    if currency is not None and document.exchange_rate is not None:
        was, now = (declared(one, document.currency, document.exchange_rate, currency) for one in (before, after))
        also = added(now, was, -1)
    for category, rate in sorted(more.keys() | also.keys()):
        country = country_of_supply(category, rate, places)
        declaration: SeparateReturn | None = "ec_sales_list" if is_intra_community(category, places) else None
        if is_distance_sale(category, country, places):
            declaration = "oss"
        net, tax = _money(more, (category, rate), document.currency)
        declared_net, declared_tax = _money(also, (category, rate), currency) if currency else (None, None)
        yield RateFact(
            country=country,
            category=category,  # type: ignore[arg-type]
            rate=rate,
            declaration=declaration,
            taxable=net,
            tax=tax,
            declared_taxable=declared_net,
            declared_tax=declared_tax,
        )


def _money(parts: Parts, rate: RateKey, currency: str) -> tuple[Decimal, Decimal]:
    net, tax = parts.get(rate, (0, 0))
    return from_minor(net, currency), from_minor(tax, currency)


def _declared_in(document: Invoice) -> str | None:
    """The currency in which the tax is declared (BT-6), if it is another one and has a rate."""
    if document.exchange_rate is None or document.tax_currency == document.currency:
        return None
    return document.tax_currency


def _supplied_on(document: Invoice, issued_on: date) -> date:
    """The day of supply: of the delivery, else the last one of the document's period or of its lines, else of issue."""
    if document.delivery_date is not None:
        return document.delivery_date
    periods = [one for one in (document.service_period, *(line.period for line in document.lines)) if one is not None]
    last = document.service_period or max(periods, key=lambda one: one.end or one.start or issued_on, default=None)
    return (last and (last.end or last.start)) or issued_on
