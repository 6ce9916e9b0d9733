"""The EN 16931 rules of each VAT category for a whole document: its parties, and allowed combinations.

Rules about a single tax (its rate, its reason for exemption) are checked on entry, see `tax`; those about sums hold by
the computation. These rules are checked when a document is issued, because it freezes the parties. Most follow from the
VAT Directive and apply to every document. Three restrict the XML only, so a document on paper may break them: category
O excludes other categories (BR-O-11 to -14), an export needs the seller's VAT id instead of a tax number (BR-G-02 to
-04), and a document outside the scope of VAT names no VAT id (BR-O-02 to -04, see `einvoice.as_einvoice`).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from invoicing.core.errors import Violation
from invoicing.issuing.errors import wrong
from invoicing.pricing.allowances import document_entries
from invoicing.pricing.tax import RULES, SPLIT_PAYMENT, VatCategory

if TYPE_CHECKING:
    from invoicing.core.party import Seller
    from invoicing.invoices.model import Invoice

_LINE, _ALLOWANCE, _CHARGE = "02", "03", "04"
_KINDS = (("13", "allowance on another one", "95"), ("14", "charge on another one", "102"))
_SELLER_VAT_ID = {"K"}
"""Categories that need more than the seller's tax number (article 226 (3) and (4) of Directive 2006/112/EC)."""
_SELLER_VAT_ID_IN_XML = {"K", "G"}
"""The same in an e-invoice (BR-IC-02, BR-G-02)."""


def tax_currency(invoice: "Invoice") -> str | None:
    """The currency in which the tax is declared, if the amounts are in another one (BT-6)."""
    return None if invoice.tax_currency == invoice.currency else invoice.tax_currency


def outside_scope(invoice: "Invoice") -> bool:
    """Whether the whole document is outside the scope of VAT."""
    return [category for category, _, _ in _used(invoice)] == ["O"]


def broken_vat_rules(invoice: "Invoice", *, electronic: bool) -> Iterator[Violation]:
    """Every rule that the document with frozen parties breaks, each at its first place.

    `electronic`: whether the document is also written as XML, which has rules of its own.
    """
    categories = []
    for category, number, pointer in _used(invoice):
        categories.append(category)
        terms = _lacking_terms(invoice, category, electronic=electronic)
        if terms:
            rule = f"{RULES[category]}-{number}"
            yield wrong(rule, pointer, f"Category {category} needs {terms}")
    if SPLIT_PAYMENT in categories:
        yield from _of_split_payment(invoice, categories)
    if "K" in categories:
        yield from _delivered(invoice)
    if tax_currency(invoice) and invoice.exchange_rate is None:
        # Article 230 of Directive 2006/112/EC: the VAT payable is expressed in the national currency.
        what = "The tax in the currency it is declared in (BT-111) needs an exchange rate"
        yield wrong("BR-53", "/exchange_rate", what)
    if electronic and "O" in categories and len(categories) > 1:
        yield from _mixed(invoice)


def _used(invoice: "Invoice") -> Iterator[tuple[VatCategory, str, str]]:
    """Each category of the document with its first place: the number of the rules for such a place, and a pointer."""
    seen: set[str] = set()
    for place, line in enumerate(invoice.lines):
        if line.tax.category not in seen:
            seen.add(line.tax.category)
            yield line.tax.category, _LINE, f"/lines/{place}/tax"
    for entry in document_entries(invoice):
        if entry.tax and entry.tax.category not in seen:
            seen.add(entry.tax.category)
            yield entry.tax.category, _CHARGE if entry.charge else _ALLOWANCE, f"/{entry.at}/tax"


def seller_vat_id(seller: "Seller") -> str | None:
    """The VAT id of the seller (BT-31), else of its representative (BT-63)."""
    return seller.vat_id or (seller.tax_representative.vat_id if seller.tax_representative else None)


def _lacking_terms(invoice: "Invoice", category: VatCategory, *, electronic: bool) -> str:
    """The identifiers of the parties that the category needs and the document does not have."""
    seller, buyer = invoice.seller, invoice.customer
    if seller is None or buyer is None:
        raise AssertionError("parties are frozen before rules are asked")
    lacking = []
    vat_id = seller_vat_id(seller)
    if category in (_SELLER_VAT_ID_IN_XML if electronic else _SELLER_VAT_ID) and not vat_id:
        lacking.append("the seller's VAT id (BT-31)")
    elif category not in ("O", SPLIT_PAYMENT) and not (vat_id or seller.tax_number):
        lacking.append("the seller's VAT id (BT-31) or tax number (BT-32)")
    if category == "K" and not buyer.tax_id:
        lacking.append("the customer's VAT id (BT-48)")
    if category == "AE" and not (buyer.tax_id or buyer.legal_id):
        lacking.append("the customer's VAT id (BT-48) or legal id (BT-47)")
    return " and ".join(lacking)


def _delivered(invoice: "Invoice") -> Iterator[Violation]:
    """An intra-community supply needs its date and its country of destination."""
    if invoice.service_period is None and invoice.delivery_date is None:
        what = "Category K needs the date or period of delivery (BT-72, BG-14)"
        yield wrong("BR-IC-11", "/service_period", what)
    if invoice.ship_to is None or invoice.ship_to.country is None:
        yield wrong("BR-IC-12", "/ship_to", "Category K needs the country of delivery (BT-80)")


def _of_split_payment(invoice: "Invoice", categories: Sequence[VatCategory]) -> Iterator[Violation]:
    """A split payment is Italian, without other taxed categories, and settled without deposits and returns.

    The official rules are the first two. The others keep amounts right that no rule is about: which part of a deposit,
    or of a total that returns reduce below zero in a rate, is tax that the customer pays to the state.
    """
    for pointer, country in _countries(invoice):
        if country != "IT":
            yield wrong("BR-B-01", pointer, "Category B is for domestic Italian invoices (BT-40, BT-55, BT-69, BT-80)")
    if "S" in categories:
        place = next((place for place, line in enumerate(invoice.lines) if line.tax.category == "S"), None)
        pointer = "/lines" if place is None else f"/lines/{place}/tax"
        yield wrong("BR-B-02", pointer, "A document with category B has no category S (BT-151, BT-95, BT-102)")
    deducts = bool(invoice.prepaid and invoice.prepaid.deposits)
    for pointer, refused, what in (
        ("/purpose", invoice.purpose == "deposit", "is no deposit invoice"),
        ("/deposits", bool(invoice.deposits), "deducts no deposits"),
        ("/prepaid/references", deducts, "deducts no deposits"),
        ("/lines", any(one.taxable < 0 for one in invoice.tax_breakdown), "has no rate below zero"),
    ):
        if refused:
            message = f"A document with category B (split payment) {what}. It is not supported."
            yield Violation(pointer, "SPLIT_PAYMENT_NOT_SUPPORTED", message)


def _countries(invoice: "Invoice") -> Iterator[tuple[str, str | None]]:
    """The countries of a document with their pointers: of its parties and of the delivery."""
    seller, buyer, delivery = invoice.seller, invoice.customer, invoice.ship_to
    if seller:
        yield "/seller/address/country", seller.address.country
        if seller.tax_representative:
            yield "/seller/tax_representative/address/country", seller.tax_representative.address.country
    if buyer:
        yield "/customer/address/country", buyer.address.country if buyer.address else None
    if delivery and delivery.country:
        yield "/ship_to/country", delivery.country


def _mixed(invoice: "Invoice") -> Iterator[Violation]:
    """An e-invoice with category O has no other category."""

    def broken(pointer: str, number: str, what: str, term: str) -> Violation:
        return wrong(f"BR-O-{number}", pointer, f"A document with category O has no {what} (BT-{term})")

    yield broken("/lines", "11", "other category", "118")
    other = next((place for place, line in enumerate(invoice.lines) if line.tax.category != "O"), None)
    if other is not None:
        yield broken(f"/lines/{other}/tax", "12", "line of another one", "151")
    for entry in document_entries(invoice):
        if entry.tax.category != "O" if entry.tax else other is not None:
            pointer = f"/{entry.at}/tax" if entry.tax else f"/{entry.at}"
            number, kind, term = _KINDS[entry.charge]
            yield broken(pointer, number, kind, term)
