"""Tax by country of supply, category and rate, with the documents behind each amount."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from invoicing.core.currency import from_minor
from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, CountryCode, CurrencyCode, Percent, Value
from invoicing.customers.vat_check import vies_id
from invoicing.invoices.lifecycle import DocumentType
from invoicing.pricing.tax import VatCategory
from invoicing.reports.facts.model import Fact, RateFact, SeparateReturn
from invoicing.reports.revenue import RowKey

TaxGroup = Literal["rate", "vat_id", "oss"]
"""`rate` for the VAT return, `vat_id` for the EC sales list, `oss` for distance sales."""
_DECLARATIONS: Final[dict[TaxGroup, SeparateReturn]] = {"vat_id": "ec_sales_list", "oss": "oss"}
MOST_DOCUMENTS = 1_000
"""The most documents that one row shows: about 200 KB."""


class TaxedDocument(Value):
    """A document behind the amounts of a row."""

    invoice_id: InvoiceId
    """Identifier of the document."""
    type: DocumentType
    """Type of the document."""
    number: str | None
    """Number of the document."""
    taxable: Amount
    """Taxable amount of the document on these days: below zero for credit notes, cancellations and corrections."""
    tax: Amount
    """Tax of the document on these days."""


class ReportedTax(Value):
    """The taxable amount and tax of a country, category and rate. Amounts of different currencies are never added."""

    object: Literal["tax"] = "tax"
    """Name of the object's type: `tax`."""
    country: CountryCode
    """Country of supply: the seller's, but the buyer's for the categories `AE` and `O` and for distance sales."""
    category: VatCategory
    """Tax category (EN 16931 BT-118)."""
    rate: Percent
    """Tax rate (EN 16931 BT-119)."""
    vat_id: str | None
    """VAT identification number of the buyer with `group_by=vat_id`; else null."""
    currency: CurrencyCode
    """Currency of the amounts."""
    taxable: Amount
    """Taxable amount, less credits, cash discounts and write-offs."""
    tax: Amount
    """Tax on it. That of category `B` (split payment) is paid to the state by the customer."""
    tax_currency: CurrencyCode
    """Currency in which the tax is declared (EN 16931 BT-6)."""
    taxable_in_tax_currency: Amount
    """Taxable amount in `tax_currency`, by the exchange rates of the documents."""
    tax_in_tax_currency: Amount
    """Tax in `tax_currency` (EN 16931 BT-111)."""
    count: int
    """Number of documents behind the amounts."""
    documents: tuple[TaxedDocument, ...] | None = None
    """The documents by number, at most 1,000. Null unless the query names `country`, `category` and `rate`, or
    `vat_id`."""


class TaxFilter(NamedTuple):
    """The facts that a tax report adds up, and how it groups them."""

    group_by: TaxGroup = "rate"
    country: str | None = None
    category: str | None = None
    rate: Decimal | None = None
    vat_id: str | None = None

    @property
    def names_a_row(self) -> bool:
        """Whether the rows show their documents."""
        return self.vat_id is not None or None not in (self.country, self.category, self.rate)

    def has(self, fact: Fact, rate: RateFact) -> bool:
        """Whether it adds up this rate of a fact."""
        declaration = _DECLARATIONS.get(self.group_by)
        return (
            (declaration is None or rate.declaration == declaration)
            and self.country in (None, rate.country)
            and self.category in (None, rate.category)
            and self.rate in (None, rate.rate)
            and (self.vat_id is None or _declared(self.vat_id) == _declared(fact.vat_id))
        )


@dataclass
class _Sums:
    rate: RateFact
    vat_id: str | None
    currency: str
    tax_currency: str
    amounts: list[Decimal] = field(default_factory=lambda: [Decimal(0)] * 4)
    documents: dict[str, tuple[Fact, Decimal, Decimal]] = field(default_factory=dict)

    def add(self, fact: Fact, rate: RateFact) -> None:
        declared = rate.taxable if rate.declared_taxable is None else rate.declared_taxable
        declared_tax = rate.tax if rate.declared_tax is None else rate.declared_tax
        more = (rate.taxable, rate.tax, declared, declared_tax)
        self.amounts = [one + other for one, other in zip(self.amounts, more, strict=True)]
        _, net, tax = self.documents.get(fact.document_id, (fact, Decimal(0), Decimal(0)))
        self.documents[fact.document_id] = fact, net + rate.taxable, tax + rate.tax


def _declared(vat_id: str | None) -> str | None:
    """A VAT id as the EC sales list has it: without spaces, and with EL for Greece."""
    return vies_id(vat_id) or vat_id


def taxes(facts: Iterable[Fact], wanted: TaxFilter) -> Iterator[tuple[RowKey, ReportedTax]]:
    """The rows in order, each with its key."""
    found: dict[RowKey, _Sums] = {}
    for fact in facts:
        vat_id = _declared(fact.vat_id) if wanted.group_by == "vat_id" else None
        tax_currency = fact.tax_currency or fact.currency
        for rate in (one for one in fact.rates if wanted.has(fact, one)):
            key: RowKey = (
                vat_id or "",
                rate.country,
                rate.category,
                f"{rate.rate:010.4f}",
                fact.currency,
                tax_currency,
            )
            found.setdefault(key, _Sums(rate, vat_id, fact.currency, tax_currency)).add(fact, rate)
    for key in sorted(found):
        yield key, _row(found[key], listed=wanted.names_a_row)


def _row(sums: _Sums, *, listed: bool) -> ReportedTax:
    nothing, nothing_declared = from_minor(0, sums.currency), from_minor(0, sums.tax_currency)
    taxable, tax, declared, declared_tax = sums.amounts
    facts = sorted(sums.documents.values(), key=lambda one: (one[0].number or "", one[0].document_id))
    documents = tuple(_document(*one) for one in facts[:MOST_DOCUMENTS]) if listed else None
    return ReportedTax(
        country=sums.rate.country,
        category=sums.rate.category,
        rate=sums.rate.rate,
        vat_id=sums.vat_id,
        currency=sums.currency,
        taxable=nothing + taxable,
        tax=nothing + tax,
        tax_currency=sums.tax_currency,
        taxable_in_tax_currency=nothing_declared + declared,
        tax_in_tax_currency=nothing_declared + declared_tax,
        count=len(facts),
        documents=documents,
    )


def _document(fact: Fact, taxable: Decimal, tax: Decimal) -> TaxedDocument:
    return TaxedDocument(invoice_id=fact.document_id, type=fact.type, number=fact.number, taxable=taxable, tax=tax)
