"""Self-billed invoices (§ 14 (2) sentence 5 UStG): the tenant issues them as the buyer, for its supplier.

The document is stored as any other: the tenant is its issuer, and the supplier its customer. For the law, for VAT and
in an e-invoice the supplier is the seller, so their rules apply to the document with exchanged roles.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from invoicing.core.errors import Violation
from invoicing.core.party import Address, Buyer, Contact, Seller

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice

SELF_BILLED: Final = frozenset({"389", "261"})
"""The types of self-billed invoices and of their credit notes (UNTDID 1001)."""
_SHARED: Final = ("name", "address", "legal_id", "electronic_address")
_OTHER_NAMES: Final = {
    "/seller/vat_id": "/customer/tax_id",
    "/seller/contact/name": "/customer/last_name",
    "/seller/contact/phone": "/customer/phone",
    "/seller/contact/email": "/customer/emails",
    "/customer/tax_id": "/seller/vat_id",
}
"""The pointers to fields that the other party calls otherwise."""


def is_self_billed(invoice: "Invoice") -> bool:
    """Whether the tenant issued the document for its supplier."""
    return invoice.type_code in SELF_BILLED


def with_roles(invoice: "Invoice") -> "Invoice":
    """The document with seller and buyer as the law names them."""
    seller, buyer = invoice.seller, invoice.customer
    if not is_self_billed(invoice) or seller is None or buyer is None:
        return invoice
    return invoice.model_copy(update={"seller": _as_seller(buyer), "customer": _as_buyer(seller)})


def with_own_pointers(violations: Iterable[Violation], invoice: "Invoice") -> Iterator[Violation]:
    """Violations with pointers into the document as it is stored."""
    if not is_self_billed(invoice):
        yield from violations
        return
    for one in violations:
        yield Violation(_turned(one.pointer), one.code, one.message)


def _turned(pointer: str) -> str:
    if pointer in _OTHER_NAMES:
        return _OTHER_NAMES[pointer]
    for ours, theirs in (("/seller/", "/customer/"), ("/customer/", "/seller/")):
        if pointer.startswith(ours):
            return theirs + pointer.removeprefix(ours)
    return pointer


def _as_seller(buyer: Buyer) -> Seller:
    person = " ".join(name for name in (buyer.first_name, buyer.last_name) if name)
    contact = Contact(name=person or None, phone=buyer.phone, email=buyer.emails[0] if buyer.emails else None)
    shared = {name: getattr(buyer, name) for name in _SHARED}
    # A seller has an address: without one the country is open, and the rules ask for the rest.
    shared["address"] = buyer.address or Address(country="ZZ")
    return Seller(**shared, vat_id=buyer.tax_id, contact=contact)


def _as_buyer(seller: Seller) -> Buyer:
    contact = seller.contact or Contact()
    shared = {name: getattr(seller, name) for name in _SHARED}
    emails = (contact.email,) if contact.email else ()
    return Buyer(**shared, tax_id=seller.vat_id, phone=contact.phone, emails=emails)
