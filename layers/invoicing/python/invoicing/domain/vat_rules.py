"""What EN 16931 asks of a whole document for each VAT category in it: who the parties are, and what goes with what.

Rules about a single tax (its rate, its reason for exemption) hold from the moment it is said, see `tax`; those about
sums hold by arithmetic. The ones here are known when a document is issued, as parties are frozen then. They are the
same for every format, so an invoice that breaks one gets no number.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invoicing.domain.errors import Violation
from invoicing.domain.tax import RULES, Category

if TYPE_CHECKING:
    from invoicing.domain.invoice import Invoice

_LINE, _SHIPPING = "02", "04"
_SELLER_VAT_ID = {"K", "G"}
"""Where the seller's tax number is not enough."""


def outside_scope(invoice: "Invoice") -> bool:
    """Whether the document is not subject to VAT: it names nobody's VAT id then (BR-O-02 to BR-O-04)."""
    return [category for category, _, _ in _used(invoice)] == ["O"]


def broken_vat_rules(invoice: "Invoice") -> Iterator[Violation]:
    """Every rule that the document, its parties frozen, breaks, each where it breaks it first."""
    categories = []
    for category, number, pointer in _used(invoice):
        categories.append(category)
        lacking = _lacking(invoice, category)
        if lacking:
            rule = f"{RULES[category]}-{number}"
            yield Violation(pointer, rule, f"Category {category} needs {lacking} ({rule}).")
    if "K" in categories:
        yield from _delivered(invoice)
    if "O" in categories and len(categories) > 1:
        yield from _mixed(invoice)


def _used(invoice: "Invoice") -> Iterator[tuple[Category, str, str]]:
    """Each category of the document with where it stands first: the rules' number for such a place, and a pointer."""
    seen: set[str] = set()
    for place, line in enumerate(invoice.lines):
        if line.tax.category not in seen:
            seen.add(line.tax.category)
            yield line.tax.category, _LINE, f"/lines/{place}/tax"
    tax = invoice.shipping and invoice.shipping.tax
    if tax and tax.category not in seen:
        yield tax.category, _SHIPPING, "/shipping/tax"


def _lacking(invoice: "Invoice", category: Category) -> str:
    """Which identifiers of the parties the category needs and the document does not have."""
    seller, buyer = invoice.seller, invoice.customer
    if seller is None or buyer is None:
        raise AssertionError("parties are frozen before rules are asked")
    lacking = []
    if category in _SELLER_VAT_ID and not seller.vat_id:
        lacking.append("the seller's VAT id")
    elif category != "O" and not (seller.vat_id or seller.tax_number):
        lacking.append("the seller's VAT id or tax number")
    if category == "K" and not buyer.tax_id:
        lacking.append("the customer's VAT id (tax_id)")
    if category == "AE" and not (buyer.tax_id or buyer.legal_id):
        lacking.append("the customer's VAT id (tax_id) or legal_id")
    return " and ".join(lacking)


def _delivered(invoice: "Invoice") -> Iterator[Violation]:
    """An intra-community supply says when and to which country it went."""
    if invoice.service_period is None:
        yield Violation("/service_period", "BR-IC-11", "Category K needs the period of delivery (BR-IC-11).")
    if invoice.ship_to is None:
        yield Violation("/ship_to", "BR-IC-12", "Category K needs the country of delivery (BR-IC-12).")


def _mixed(invoice: "Invoice") -> Iterator[Violation]:
    """What is not subject to VAT stands on a document of its own."""

    def broken(pointer: str, number: str, what: str) -> Violation:
        return Violation(pointer, f"BR-O-{number}", f"A document with category O has no {what} (BR-O-{number}).")

    yield broken("/lines", "11", "other category")
    other = next((place for place, line in enumerate(invoice.lines) if line.tax.category != "O"), None)
    if other is not None:
        yield broken(f"/lines/{other}/tax", "12", "line of another one")
        if invoice.discount is not None:
            yield broken("/discount", "13", "discount on another one")
    if invoice.shipping is not None:
        tax = invoice.shipping.tax
        if tax.category != "O" if tax else other is not None:
            yield broken("/shipping/tax" if tax else "/shipping", "14", "shipping of another one")
