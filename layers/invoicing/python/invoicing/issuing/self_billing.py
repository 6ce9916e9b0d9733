"""Self-billed invoices (§ 14 (2) sentence 5 UStG): the tenant issues them as the buyer, for its supplier.

The document is stored as any other: the tenant is its issuer, and the supplier its customer. For the law, for VAT and
in an e-invoice the supplier is the seller, so their rules apply to the document with exchanged roles.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from invoicing.core.errors import Violation
from invoicing.core.model import values_of
from invoicing.core.party import Address, Buyer, Contact, Seller, Supplier
from invoicing.document_forms.design import FormDocument
from invoicing.issuing.errors import wrong

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice, InvoiceSummary

SELF_BILLED: Final = frozenset({"389", "261"})
"""The types of self-billed invoices and of their credit notes (UNTDID 1001)."""
_SHARED: Final = ("name", "trading_name", "address", "legal_id", "legal_id_scheme", "electronic_address")
_OF_SUPPLIERS: Final = ("tax_number", "legal_information", "tax_representative", "bank_accounts")
_OTHER_NAMES: Final = {
    "/seller/vat_id": "/customer/tax_id",
    "/seller/tax_number": "/customer/supplier/tax_number",
    "/seller/legal_information": "/customer/supplier/legal_information",
    "/seller/tax_representative": "/customer/supplier/tax_representative",
    "/seller/bank_accounts": "/customer/supplier/bank_accounts",
    "/seller/contact/name": "/customer/last_name",
    "/seller/contact/phone": "/customer/phone",
    "/seller/contact/email": "/customer/emails",
    "/seller/party_ids/0": "/customer/party_id",
    "/seller/party_ids": "/customer/party_id",
    "/customer/tax_id": "/seller/vat_id",
    "/customer/first_name": "/seller/contact/name",
    "/customer/last_name": "/seller/contact/name",
    "/customer/phone": "/seller/contact/phone",
    "/customer/emails/0": "/seller/contact/email",
    "/customer/emails": "/seller/contact/email",
    "/customer/party_id": "/seller/party_ids/0",
    # The tenant numbers the document, and the rules are about its series.
    "/seller/number_series": "/seller/number_series",
}
"""The pointers to fields that the other party calls otherwise. A longer pointer precedes its own prefix."""
_CREDITOR_ID: Final = "/seller/creditor_id"
"""The field for direct debits, which a supplier does not have because only tenants collect payments."""
_OTHER_PARTY: Final[dict[str, tuple[str, type[Buyer | Seller]]]] = {
    "seller": ("customer", Buyer),
    "customer": ("seller", Seller),
}


def is_self_billed(invoice: "InvoiceSummary") -> bool:
    """Whether the tenant issued the document for its supplier."""
    return invoice.type_code in SELF_BILLED


def form_document(invoice: "Invoice") -> FormDocument:
    """The type whose standard texts of a form the document has."""
    if invoice.type != "invoice":
        return invoice.type
    if is_self_billed(invoice):
        return "self_billed"
    if invoice.purpose == "deposit":
        return "deposit"
    return "final" if invoice.deducted else "invoice"


def with_roles(invoice: "Invoice") -> "Invoice":
    """The document with seller and buyer as the law names them."""
    seller, buyer = invoice.seller, invoice.customer
    if not is_self_billed(invoice) or seller is None or buyer is None:
        return invoice
    # The account that a draft names is one of the tenant's.
    parties = {"seller": _as_seller(buyer), "customer": _as_buyer(seller), "bank_account_id": None}
    return invoice.model_copy(update=parties)


def with_own_pointers(violations: Iterable[Violation], invoice: "Invoice") -> Iterator[Violation]:
    """Violations with pointers into the document as it is stored."""
    if not is_self_billed(invoice):
        yield from violations
        return
    for one in violations:
        if one.pointer == _CREDITOR_ID:
            what = "A self-billed invoice names no creditor id of the supplier, which direct debits require (BT-81)"
            yield wrong(one.code, "/payment_means_code", what)
        else:
            yield Violation(_turned(one.pointer, invoice.customer), one.code, one.message)


def _turned(pointer: str, supplier: Buyer | None) -> str:
    """The pointer to the same field of the other party, or to that party if it has no such field."""
    for ours, theirs in {**_further_ids(supplier), **_OTHER_NAMES}.items():
        if pointer == ours or pointer.startswith(f"{ours}/"):
            return theirs + pointer.removeprefix(ours)
    _, party, *rest = pointer.split("/")
    if party not in _OTHER_PARTY:
        return pointer
    other, model = _OTHER_PARTY[party]
    return "/".join(("", other, *rest)) if rest and rest[0] in model.model_fields else f"/{other}"


def _further_ids(buyer: Buyer | None) -> dict[str, str]:
    """The pointers to the identifiers of a supplier: its `party_id` is the first one."""
    if buyer is None or buyer.supplier is None:
        return {}
    first = 1 if buyer.party_id else 0
    return {
        f"/seller/party_ids/{first + place}": f"/customer/supplier/party_ids/{place}"
        for place in range(len(buyer.supplier.party_ids))
    }


def _as_seller(buyer: Buyer) -> Seller:
    person = " ".join(name for name in (buyer.first_name, buyer.last_name) if name)
    contact = Contact(name=person or None, phone=buyer.phone, email=buyer.emails[0] if buyer.emails else None)
    shared = values_of(buyer, _SHARED)
    # A seller has an address: without one the country is open, and the rules ask for the rest.
    shared["address"] = buyer.address or Address(country="ZZ")
    supplier = buyer.supplier or Supplier()
    own_id = (buyer.party_id,) if buyer.party_id else ()
    return Seller(
        **shared,
        **values_of(supplier, _OF_SUPPLIERS),
        vat_id=buyer.tax_id,
        party_ids=(*own_id, *supplier.party_ids),
        contact=contact,
    )


def _as_buyer(seller: Seller) -> Buyer:
    contact = seller.contact or Contact()
    shared = values_of(seller, _SHARED)
    emails = (contact.email,) if contact.email else ()
    # A buyer has one identifier in EN 16931 (BT-46), so the first one is used.
    party_id = seller.party_ids[0] if seller.party_ids else None
    return Buyer(
        **shared,
        tax_id=seller.vat_id,
        party_id=party_id,
        last_name=contact.name,
        phone=contact.phone,
        emails=emails,
    )
