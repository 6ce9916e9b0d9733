"""E-invoices (EN 16931): their formats, and the facts that only e-invoices have."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from invoicing.core.einvoice import FORMATS, DocumentNote, XmlFormat, xml_format_of
from invoicing.core.party import Address, BankAccount, ElectronicAddress, PartyId
from invoicing.invoices.drafts.references import DocumentReference
from invoicing.issuing.self_billing import is_self_billed
from invoicing.issuing.vat_rules import outside_scope, seller_vat_id
from invoicing.pricing.allowances import AdjustmentEntry, document_entries, line_entries
from invoicing.pricing.line import Period
from invoicing.pricing.tax import Tax

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice

_SEPA = """
AD AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM VA
"""
SEPA: Final = frozenset(_SEPA.split())
"""Countries whose accounts SEPA reaches, as their IBANs begin."""
_MEANS: Final = {"cash": "10", "check": "20", "card": "48", "sepa_direct_debit": "59", "paypal": "68", "credit": "97"}
CARDS: Final = frozenset({"48", "54", "55"})
"""The codes of payment cards, of which a document states the number (BG-18)."""
DIRECT_DEBITS: Final = frozenset({"49", "59"})
"""The codes of direct debits, of which a document states the mandate (BG-19)."""
SEPA_TRANSFER, TRANSFER, DEBIT_TRANSFER, TO_ACCOUNT = "58", "30", "31", "42"
_UNPAID: Final = {"B2": "B1", "S2": "S1", "M2": "M1"}
"""The French processes of invoices that were paid before, and those of other invoices of the same kind."""
SEPA_DEBIT, CLEARING, AS_AGREED = "59", "97", "1"


def as_einvoice(invoice: "Invoice") -> "Invoice":
    """The document as an e-invoice may name its parties.

    A document outside the scope of VAT has no VAT ids in its XML (EN 16931 BR-O-02). The PDF keeps them: the law
    requires them on every invoice (§ 14 (4) no. 2 UStG, article 226 (3) of Directive 2006/112/EC).
    """
    if not outside_scope(invoice):
        return invoice
    without = {"vat_id": None, "tax_representative": None}
    seller = invoice.seller and invoice.seller.model_copy(update=without)
    customer = invoice.customer and invoice.customer.model_copy(update={"tax_id": None})
    return invoice.model_copy(update={"seller": seller, "customer": customer})


def supplied(invoice: "Invoice") -> tuple[date | None, Period | None]:
    """The day and the period of supply (BT-72, BG-14). A period of one day alone is that day."""
    period = invoice.service_period
    if invoice.delivery_date is None and period and period.only_day:
        return period.only_day, None
    return invoice.delivery_date, period


def preceding_documents(invoice: "Invoice") -> tuple[DocumentReference, ...]:
    """Earlier documents, and those that asked for the prepaid amount (BG-3), each number once."""
    deposits = (
        DocumentReference(invoice_id=one.invoice_id, number=one.number, issue_date=one.issue_date)
        for one in invoice.deposits
    )
    every = (*invoice.references, *(invoice.prepaid.references if invoice.prepaid else ()), *deposits)
    return tuple({one.number: one for one in reversed(every)}.values())[::-1]


def type_code(invoice: "Invoice", format_: XmlFormat) -> str:
    """The type of the document (BT-3, UNTDID 1001).

    XRechnung has partial invoices in place of prepayments, Romania commercial invoices.
    """
    allowed = FORMATS[format_].types
    if invoice.type != "invoice":
        return "261" if invoice.type_code == "261" and "261" in allowed else "381"
    if invoice.purpose == "deposit" and invoice.type_code in (None, "386"):
        return next(code for code in ("386", "326", "380") if code in allowed)
    return invoice.type_code or "380"


def business_process(invoice: "Invoice", format_: XmlFormat) -> str | None:
    """The business process (BT-23): that of the document, else the usual one of the format.

    In France the process of an invoice that was paid before is none of its credit notes (BR-FR-CO-09).
    """
    process = invoice.business_process or specified(invoice, format_)[1]
    if invoice.type != "invoice" and "france" in FORMATS[format_].rules:
        return _UNPAID.get(process or "", process)
    return process


def specified(invoice: "Invoice", format_: XmlFormat) -> tuple[str, str | None]:
    """The specification (BT-24) and the usual business process (BT-23), which are others for Peppol's self-billing."""
    row = FORMATS[format_]
    return row.self_billing if row.self_billing and is_self_billed(invoice) else (row.specification, row.process)


def required_notes(invoice: "Invoice", stated: tuple[DocumentNote, ...] = ()) -> tuple[DocumentNote, ...]:
    """The notes of a credit note: those stated for it, and in France the invoice's on other subjects, by law."""
    format_ = xml_format_of(invoice.einvoice_format)
    if format_ is None or "france" not in FORMATS[format_].rules:
        return stated
    subjects = {note.subject_code for note in stated}
    return (*stated, *(note for note in invoice.notes if note.subject_code not in subjects))


def stated_texts(invoice: "Invoice") -> Iterator[str]:
    """The texts of the document that its XML states as notes (BT-22)."""
    yield from (text for text in (invoice.title, invoice.introduction, invoice.note, invoice.closing) if text)


def buyer_reference(invoice: "Invoice") -> str | None:
    """The buyer reference (BT-10): an authority's Leitweg-ID, else the reference that the buyer requires."""
    return (invoice.customer and invoice.customer.leitweg_id) or invoice.buyer_reference


def endpoints(invoice: "Invoice", format_: XmlFormat) -> tuple[ElectronicAddress | None, ElectronicAddress | None]:
    """The electronic addresses of seller and buyer (BT-34, BT-49).

    A Leitweg-ID is such an address. If none is given, the e-mail address is used, except in Peppol, which has
    participants only.
    """
    seller, buyer = invoice.seller, invoice.customer
    ours = seller.electronic_address if seller else None
    theirs = buyer.electronic_address if buyer else None
    if buyer and buyer.leitweg_id and not theirs:
        theirs = ElectronicAddress(scheme="0204", id=buyer.leitweg_id)
    if "peppol" in FORMATS[format_].rules:
        return _networked(ours), _networked(theirs)
    if seller and seller.contact and seller.contact.email:
        ours = ours or ElectronicAddress(scheme="EM", id=seller.contact.email)
    if buyer and buyer.emails:
        theirs = theirs or ElectronicAddress(scheme="EM", id=buyer.emails[0])
    return ours, theirs


def _networked(address: ElectronicAddress | None) -> ElectronicAddress | None:
    return None if address is None or address.scheme == "EM" else address


def payment_means(invoice: "Invoice", format_: XmlFormat) -> Iterator[tuple[str, BankAccount | None]]:
    """The payment means (BT-81, UNCL 4461), with the accounts for a transfer, of which the customer chooses one.

    A credit note or cancellation without a payment method is set off against its invoice, or refunded to an account
    unknown to the seller. Peppol allows Dutch parties no code for that (NL-R-008), so theirs state no means.
    """
    stated = invoice.payment_means_code
    otherwise = stated or _usual_code(invoice, format_)
    if invoice.type != "invoice" and (invoice.payment_method or stated) is None:
        if otherwise:
            yield otherwise, None
    elif invoice.payment_method in (None, "bank_transfer"):
        accounts = remittable_to(invoice)
        yield from ((stated or _transfer_code(invoice, account), account) for account in accounts)
        if otherwise and not accounts:
            yield otherwise, None
    elif is_self_billed(invoice):
        yield stated or AS_AGREED, None
    else:
        yield stated or _MEANS.get(invoice.payment_method or "", AS_AGREED), None


def _usual_code(invoice: "Invoice", format_: XmlFormat) -> str | None:
    """The code of a document without an account: a credit is cleared, and a supplier is paid as it was agreed."""
    if invoice.type != "invoice":
        dutch = "peppol" in FORMATS[format_].rules and countries(invoice) == ("NL", "NL")
        return None if dutch else CLEARING
    return AS_AGREED if is_self_billed(invoice) else None


def _transfer_code(invoice: "Invoice", account: BankAccount) -> str:
    """The usual code of a transfer to an account. Danish parties do not use the general one (DK-R-005)."""
    if invoice.currency == "EUR" and account.iban and account.iban[:2] in SEPA:
        return SEPA_TRANSFER
    if countries(invoice) == ("DK", "DK"):
        return DEBIT_TRANSFER if account.iban else TO_ACCOUNT
    return TRANSFER


def countries(invoice: "Invoice") -> tuple[str | None, str | None]:
    """The countries of the seller's and the buyer's address (BT-40, BT-55)."""
    seller, buyer = invoice.seller, invoice.customer
    theirs = buyer.address if buyer else None
    return seller.address.country if seller else None, theirs.country if theirs else None


def holder_of(invoice: "Invoice") -> str:
    """The holder of the accounts that name none (BT-85): the party that is paid."""
    seller = invoice.seller.name if invoice.seller else ""
    return invoice.payee.name if invoice.payee else seller


def tax_country(invoice: "Invoice") -> str | None:
    """The country that the VAT id of the seller, else of its representative begins with; else that of its address."""
    vat_id = invoice.seller and seller_vat_id(invoice.seller)
    return vat_id[:2] if vat_id else countries(invoice)[0]


def is_greek(vat_id: str | None, address: Address | None) -> bool:
    """Whether a party is Greek by its VAT id, or by its address where it has none."""
    country = vat_id[:2] if vat_id else address.country if address else None
    return country in ("EL", "GR")


def trading_names(invoice: "Invoice", format_: XmlFormat) -> tuple[str | None, str | None]:
    """The names that the parties are known by (BT-28, BT-45). Greek sellers state both (GR-R-002, GR-R-005)."""
    seller, buyer = invoice.seller, invoice.customer
    greek = (
        "peppol" in FORMATS[format_].rules and seller is not None and is_greek(seller_vat_id(seller), seller.address)
    )
    ours, theirs = (
        (party.trading_name or (party.name if greek else None)) if party else None for party in (seller, buyer)
    )
    return ours, theirs


def party_ids_of(invoice: "Invoice") -> Iterator[tuple[str, PartyId]]:
    """The identifiers of the seller and of the buyer (BT-29, BT-46), each with the pointer to it."""
    seller, buyer = invoice.seller, invoice.customer
    if seller:
        yield from ((f"/seller/party_ids/{place}", one) for place, one in enumerate(seller.party_ids))
    if buyer and buyer.party_id:
        yield "/customer/party_id", buyer.party_id


def taxes_of(invoice: "Invoice") -> Iterator[tuple[str, Tax]]:
    """Every tax of the lines, allowances and charges, with the pointer to it."""
    yield from ((f"/lines/{place}/tax", line.tax) for place, line in enumerate(invoice.lines))
    yield from ((f"/{one.at}/tax", one.tax) for one in document_entries(invoice) if one.tax)


def entries_of(invoice: "Invoice") -> Iterator[tuple[str, AdjustmentEntry]]:
    """Every allowance and charge of the document and of its lines, with the pointer to it."""
    yield from ((f"/{one.at}", one) for one in document_entries(invoice))
    for place, line in enumerate(invoice.lines):
        yield from ((f"/lines/{place}/{one.at}", one) for one in line_entries(line))


def remittable_to(invoice: "Invoice") -> list[BankAccount]:
    """The accounts for payments: the one that the document names, else all of the seller's."""
    accounts = invoice.seller.bank_accounts if invoice.seller else ()
    return [account for account in accounts if invoice.bank_account_id in (None, account.id)]
