"""Rules of CIUS-RO 1.0.1 (Romania's e-Factura, OMF 1366/2021) about fields of requests, as release 1.0.9 checks them.

Not listed are rules that every document satisfies because of how its XML is written, and limits of length that no field
of a request exceeds.
"""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any, Final

from invoicing.core.einvoice import XmlFormat
from invoicing.core.errors import Violation
from invoicing.core.party import Address
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import stated_texts
from invoicing.issuing.errors import lacks, wrong
from invoicing.issuing.vat_rules import outside_scope, tax_currency

_COUNTY_CODES: Final = """
AB AG AR B BC BH BN BR BT BV BZ CJ CL CS CT CV DB DJ GJ GL GR HD HR IF IL IS MH MM MS NT OT PH SB SJ SM SV TL TM TR VL
VN VS
"""
_COUNTIES: Final = frozenset(f"RO-{code}" for code in _COUNTY_CODES.split())
"""Romania's counties (ISO 3166-2:RO)."""
_BUCHAREST: Final = "RO-B"
_SECTORS: Final = frozenset(f"SECTOR{number}" for number in range(1, 7))
_MOST_NOTES, _MOST_SUPPORTING = 20, 50
_LENGTHS: Final = (
    (20, "{address}/postal_code", "BT-38, BT-53, BT-67, BT-78"),
    (50, "{address}/city", "BT-37, BT-52, BT-66, BT-77"),
    (150, "{address}/line1", "BT-35, BT-50, BT-64, BT-75"),
    (100, "{address}/line2", "BT-36, BT-51, BT-65, BT-76"),
    (100, "{address}/line3", "BT-162, BT-163, BT-164, BT-165"),
    (100, "/seller/contact/name", "BT-41"),
    (100, "/seller/contact/phone", "BT-42"),
    (100, "/seller/contact/email", "BT-43"),
    (100, "/customer/phone", "BT-57"),
    (100, "/customer/emails/*", "BT-58"),
    (100, "/accounting_reference", "BT-19"),
    (100, "/payment_means_text", "BT-82"),
    (140, "/payment_reference", "BT-83"),
    (100, "/discount/reason", "BT-97"),
    (100, "/allowances/*/reason", "BT-97"),
    (100, "/charges/*/reason", "BT-104"),
    (295, "/notes/*/text", "BT-22"),
    (100, "/supporting_documents/*/description", "BT-123"),
    (100, "/attachments/*/description", "BT-123"),
    (200, "/supporting_documents/*/url", "BT-124"),
    (200, "/attachments/*/url", "BT-124"),
    (200, "/attachments/*/name", "BT-125-2"),
    (100, "/lines/*/name", "BT-153"),
    (200, "/lines/*/description", "BT-154"),
    (50, "/lines/*/attributes/*/name", "BT-160"),
    (100, "/lines/*/attributes/*/value", "BT-161"),
    (100, "/lines/*/accounting_code", "BT-133"),
    (100, "/lines/*/serial_number", "BT-161"),
    (100, "/lines/*/tax/exemption_reason", "BT-120"),
    (100, "/lines/*/discount/reason", "BT-139"),
    (100, "/lines/*/allowances/*/reason", "BT-139"),
    (100, "/lines/*/charges/*/reason", "BT-144"),
)
"""The most characters of texts. A note with a subject is five characters longer in the XML."""
_ADDRESSES: Final = ("/seller/address", "/customer/address", "/seller/tax_representative/address", "/ship_to")
_RULES_OF_LENGTH: Final = {20: "020", 50: "050", 100: "100", 140: "140", 150: "150", 200: "200", 295: "300", 300: "300"}
_LONGEST_NOTE, _LABEL_OF_PACKAGE = 300, 10
"""The most characters of a note, and those that the XML adds to the name of a package in any language."""
_TERMS, _CASH_DISCOUNT, _SET_OFF = 300, 100, 60
"""The most characters of the payment terms, and those that the sentences about a cash discount and a credit may take.
"""


def notes_of(text: str) -> list[str]:
    """A text as the notes of a Romanian document, which are short (BR-RO-L300)."""
    return wrap(text, _LONGEST_NOTE, replace_whitespace=False)


def romanian_rules(document: Invoice, _: XmlFormat) -> Iterator[Violation]:
    """Every rule of CIUS-RO that a document with frozen parties breaks."""
    if not any(character.isdigit() for character in document.number or ""):
        yield wrong("BR-RO-010", "/seller/number_series", "A Romanian number contains a digit (BT-1)")
    if document.currency != "RON" and tax_currency(document) != "RON":
        yield wrong("BR-RO-030", "/tax_currency", "The VAT of an invoice in another currency is stated in RON (BT-6)")
    buyer = document.customer
    if not outside_scope(document) and not (buyer and (buyer.legal_id or buyer.tax_id)):
        yield lacks("BR-RO-120", "/customer/legal_id", "the buyer's registration number or VAT id (BT-47, BT-48)")
    yield from _addresses(document)
    yield from _counts(document)
    yield from _lengths(document)


def _addresses(document: Invoice) -> Iterator[Violation]:
    """Addresses have a street and a city; in Romania a county, and in Bucharest the sector as the city."""
    seller, buyer = document.seller, document.customer
    representative = seller.tax_representative if seller else None
    delivered_to = document.ship_to.address if document.ship_to else None
    for at, address, numbers, terms in (
        ("/seller/address", seller and seller.address, ("080", "090", "100", "110"), ("BT-35", "BT-37", "BT-39")),
        ("/customer/address", buyer and buyer.address, ("080", "090", "100", "110"), ("BT-50", "BT-52", "BT-54")),
        (
            "/seller/tax_representative/address",
            representative and representative.address,
            ("140", "150", "160", "170"),
            ("BT-64", "BT-66", "BT-68"),
        ),
        ("/ship_to", delivered_to, ("180", "200", "200", "210"), ("BT-75", "BT-77", "BT-79")),
    ):
        if address:
            yield from _address(at, address, numbers, terms)
    if delivered_to and not delivered_to.region:
        yield lacks("BR-RO-210", "/ship_to/region", "the county or region that it is delivered to (BT-79)")


def _address(
    at: str, address: Address, numbers: tuple[str, str, str, str], terms: tuple[str, str, str]
) -> Iterator[Violation]:
    street, city, sector, county = numbers
    if not address.line1:
        yield lacks(f"BR-RO-{street}", f"{at}/line1", f"the street of the address ({terms[0]})")
    if not address.city:
        yield lacks(f"BR-RO-{city}", f"{at}/city", f"the city of the address ({terms[1]})")
    if address.country != "RO":
        return
    if address.region not in _COUNTIES:
        what = f"The region of a Romanian address is the code of its county, such as RO-CJ ({terms[2]})"
        yield wrong(f"BR-RO-{county}", f"{at}/region", what)
    elif address.region == _BUCHAREST and address.city and address.city not in _SECTORS:
        what = f"The city of an address in Bucharest is its sector, SECTOR1 to SECTOR6 ({terms[1]})"
        yield wrong(f"BR-RO-{sector}", f"{at}/city", what)


def _counts(document: Invoice) -> Iterator[Violation]:
    texts = sum(len(notes_of(text)) for text in stated_texts(document))
    # A sentence about each deposit, which may take two notes, and one about the date of supply.
    if texts + len(document.notes) + 2 * len(document.deducted) + 1 > _MOST_NOTES:
        yield wrong("BR-RO-A020", "/notes", f"A Romanian invoice has up to {_MOST_NOTES} texts and notes (BG-1)")
    if len(document.supporting_documents) + len(document.attachments) > _MOST_SUPPORTING:
        what = f"A Romanian invoice has up to {_MOST_SUPPORTING} supporting documents (BG-24)"
        yield wrong("BR-RO-A050", "/supporting_documents", what)


def _lengths(document: Invoice) -> Iterator[Violation]:
    for most, pattern, terms in _LENGTHS:
        for address in _ADDRESSES if "{address}" in pattern else ("",):
            for pointer, text in _texts("", document, pattern.format(address=address)[1:].split("/")):
                if len(text) > most:
                    rule = f"BR-RO-L{_RULES_OF_LENGTH[most]}"
                    yield wrong(rule, pointer, f"In Romania this text has up to {most} characters ({terms})")
    for place, line in enumerate(document.lines):
        most = _LONGEST_NOTE - (len(line.package_name) + _LABEL_OF_PACKAGE if line.package_name else 0)
        if len(line.note or "") > most:
            what = f"In Romania the note has up to {most} characters, with the name of its package (BT-127)"
            yield wrong("BR-RO-L300", f"/lines/{place}/note", what)
    buyer = document.customer
    contact = " ".join(name for name in (buyer.first_name, buyer.last_name) if name) if buyer else ""
    if len(contact) > 100:
        yield wrong("BR-RO-L100", "/customer/last_name", "In Romania the contact has up to 100 characters (BT-56)")
    discounts = document.payment_terms.discounts if document.payment_terms else ()
    most = _TERMS - _CASH_DISCOUNT * len(discounts)
    if document.type != "invoice":
        most -= _SET_OFF + sum(len(one.number) for one in document.references[-1:])
    if len(document.payment_terms_text or "") > most:
        what = f"Beside the terms of this document, those in words have up to {most} characters (BT-20)"
        yield wrong("BR-RO-L300", "/payment_terms_text", what)


def _texts(at: str, value: Any, path: list[str]) -> Iterator[tuple[str, str]]:
    """The texts at a path whose `*` means each entry of a list, with the pointers to them."""
    if value is None:
        return
    if not path:
        yield at, value
    elif path[0] == "*":
        for place, one in enumerate(value):
            yield from _texts(f"{at}/{place}", one, path[1:])
    else:
        yield from _texts(f"{at}/{path[0]}", getattr(value, path[0]), path[1:])
