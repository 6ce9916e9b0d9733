"""National rules of Peppol BIS Billing 3.0.21 (May 2026) about fields of requests.

Not listed are rules that only warn, and those that every document satisfies because of how its XML is written. Austria,
Belgium and France have no rules of their own in Peppol; those of Germany are in `einvoice_rules`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.errors import Violation
from invoicing.core.identifiers import is_of_scheme
from invoicing.core.party import Address, BankAccount, Buyer, ElectronicAddress, Seller
from invoicing.invoices.drafts.supporting import SupportingDocument
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import (
    DEBIT_TRANSFER,
    TO_ACCOUNT,
    countries,
    endpoints,
    entries_of,
    is_greek,
    party_ids_of,
    payment_means,
    preceding_documents,
    tax_country,
    taxes_of,
)
from invoicing.issuing.errors import lacks, wrong
from invoicing.issuing.vat_rules import seller_vat_id
from invoicing.pricing.tax import SPLIT_PAYMENT

_FACTURX: Final = "EN 16931"
"""The profile of Factur-X whose code list has no category B."""
_NOT_IN_FACTURX: Final = {"allowances": "599", "discount": "599", "charges": "602", "shipping": "602", "lines": "619"}
"""The last digits of its rule about the category, by the field."""
_DANISH_MEANS: Final = frozenset({"1", "10", "31", "42", "48", "49", "50", "58", "59", "93", "97"})
_DUTCH_MEANS: Final = frozenset({"30", "48", "49", "57", "58", "59"})
_DUTCH_SCHEMES: Final = frozenset({"0106", "0190"})
_SWEDISH_RATES: Final = frozenset({6, 12, 25})
_F_TAX: Final = "GODKÄND FÖR F-SKATT"
_GREEK_TYPES: Final = frozenset({"1.1", "1.6", "2.1", "2.4", "5.1", "5.2"})
_MARK, _GREEK_LINK, _FINAL_DAY = "##M.AR.K##", "##INVOICE|URL##", "EINDAGI"
_NUMBER: Final = "/seller/number_series"
"""The number of a document follows from the tenant's number series."""


class _Slip(NamedTuple):
    """A Danish inpayment form: the kinds of its reference, and the number of the creditor."""

    kinds: tuple[str, ...]
    account_digits: tuple[int, ...]
    kinds_rule: str
    digits: tuple[int, ...]
    """The lengths of the instruction that follows the kind."""
    digits_rule: str

    def broken_by(self, code: str, reference: str, number: str) -> Iterator[Violation]:
        """The rules that a reference (BT-83) and an account (BT-84) break."""
        if not (reference.startswith(self.kinds) and len(number) in self.account_digits):
            kinds, digits = (" or ".join(map(str, one)) for one in (self.kinds, self.account_digits))
            what = (
                f"A payment by code {code} has a reference that starts with {kinds}, and an account of {digits} digits"
            )
            yield wrong(self.kinds_rule, "/payment_reference", f"{what} (BT-83, BT-84)")
        elif not reference.startswith(_WITHOUT_DIGITS) and len(reference) - len("71#") not in self.digits:
            digits = " or ".join(map(str, self.digits))
            yield wrong(self.digits_rule, "/payment_reference", f"{digits} digits follow {reference[:3]} (BT-83)")


_WITHOUT_DIGITS: Final = ("01#", "73#")
_DANISH_SLIPS: Final = {
    "50": _Slip(("01#", "04#", "15#"), (7, 8), "DK-R-008", (16,), "DK-R-009"),
    "93": _Slip(("71#", "73#", "75#"), (8,), "DK-R-010", (15, 16), "DK-R-011"),
}
"""The forms of giro accounts and of FIK, by the code of the payment means."""


def national_rules(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Every rule of the seller's country that a document with frozen parties breaks."""
    for rules in (_BY_VAT_ID.get(tax_country(document) or ""), _BY_ADDRESS.get(countries(document)[0] or "")):
        if rules:
            yield from rules(document, format_)


def split_payment_rules(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Rules of some formats about category B. In UBL the official rule is about every country, of articles too."""
    if document.split_tax is None:
        return
    if FORMATS[format_].conformance == _FACTURX:
        for pointer, tax in taxes_of(document):
            if tax.category == SPLIT_PAYMENT:
                rule = f"FX-SCH-A-000{_NOT_IN_FACTURX[pointer.split('/')[1]]}"
                yield wrong(rule, f"{pointer}/category", "Factur-X has no category B (BT-151, BT-95, BT-102)")
    for place, line in enumerate(document.lines if FORMATS[format_].syntax == "ubl" else ()):
        if line.origin_country not in (None, "IT"):
            what = "In UBL, category B is for articles of Italian origin only (BT-159)"
            yield wrong("BR-B-01", f"/lines/{place}/origin_country", what)


def _norway(document: Invoice, _: XmlFormat) -> Iterator[Violation]:
    vat_id = (document.seller and document.seller.vat_id) or ""
    form = re.fullmatch(r"NO([0-9]{9})MVA", vat_id)
    if vat_id.startswith("NO") and not (form and is_of_scheme("0192", form[1])):
        what = "A Norwegian VAT id is NO, the organization number and MVA (BT-31)"
        yield wrong("NO-R-001", "/seller/vat_id", what)


def _denmark(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    seller = document.seller
    if not (seller and seller.legal_id):
        yield lacks("DK-R-002", "/seller/legal_id", "the Danish seller's CVR number (BT-30)")
    elif seller.legal_id_scheme != "0184":
        yield wrong("DK-R-014", "/seller/legal_id_scheme", "The scheme of a Danish seller's legal id is 0184 (BT-30)")
    if countries(document) != ("DK", "DK"):
        return
    for pointer, party_id in party_ids_of(document):
        if party_id.scheme is None:
            what = "An identifier of Danish parties has a scheme (BT-29, BT-46)"
            yield wrong("DK-R-013", f"{pointer}/scheme", what)
    for pointer, entry in entries_of(document):
        if entry.reason_code == "ZZZ" and not re.fullmatch(r"[0-9]{4}|[^#].*#.*[^#]|[^#]#[^#]", entry.reason or ""):
            what = "The reason of a tax other than VAT is a code of four digits, or contains # (BT-97, BT-104)"
            yield wrong("DK-R-004", f"{pointer}/reason", what)
    if document.type == "invoice":
        for code, account in payment_means(document, format_):
            yield from _danish_means(document, code, account)


def _danish_means(document: Invoice, code: str, account: BankAccount | None) -> Iterator[Violation]:
    mandate, number = document.mandate, account.number if account else ""
    reference = document.payment_reference or document.number or ""
    if code not in _DANISH_MEANS:
        pointer = "/payment_means_code" if document.payment_means_code else "/payment_method"
        yield wrong("DK-R-005", pointer, f"Danish parties have no payment means of code {code} (BT-81)")
    if code in (DEBIT_TRANSFER, TO_ACCOUNT) and not (account and account.bank):
        yield lacks("DK-R-006", "/seller/bank_accounts", "an account with its bic or bank_code (BT-84, BT-86)")
    if code == "49" and not (mandate and mandate.iban):
        yield lacks("DK-R-007", "/mandate", "the mandate and the debited account (BT-89, BT-91)")
    if slip := _DANISH_SLIPS.get(code):
        yield from slip.broken_by(code, reference, number)


def _italy(document: Invoice, _: XmlFormat) -> Iterator[Violation]:
    seller = document.seller
    if seller is None:
        return
    if seller.tax_number and not re.fullmatch(r"[A-Z0-9]{11,16}", seller.tax_number):
        what = "An Italian tax number has 11 to 16 capital letters and digits (BT-32)"
        yield wrong("IT-R-001", "/seller/tax_number", what)
    address = seller.address
    for number, given, name, what, term in (
        ("002", address.line1, "line1", "street", "BT-35"),
        ("003", address.city, "city", "city", "BT-37"),
        ("004", address.postal_code, "postal_code", "post code", "BT-38"),
    ):
        if not given:
            yield lacks(f"IT-R-{number}", f"/seller/address/{name}", f"the Italian seller's {what} ({term})")


def _sweden(document: Invoice, _: XmlFormat) -> Iterator[Violation]:
    seller = document.seller
    if seller is None:
        return
    vat_id = seller.vat_id or ""
    if vat_id.startswith("SE"):
        if len(vat_id) != len("SE123456789001"):
            yield wrong("SE-R-001", "/seller/vat_id", "A Swedish VAT id has 14 characters (BT-31)")
        if not re.fullmatch(r"[0-9]+", vat_id[2:14]):
            yield wrong("SE-R-002", "/seller/vat_id", "A Swedish VAT id has digits behind SE (BT-31)")
        for pointer, tax in taxes_of(document):
            if tax.category == "S" and tax.rate not in _SWEDISH_RATES:
                yield wrong("SE-R-006", f"{pointer}/rate", "The rates in Sweden are 6, 12 and 25 percent (BT-152)")
    if seller.legal_id:
        yield from _swedish_legal_id(seller.legal_id)
        if seller.tax_number and seller.tax_number.upper() != _F_TAX:
            what = "A Swedish seller with a legal id has no tax number but the text Godkänd för F-skatt (BT-32)"
            yield wrong("SE-R-005", "/seller/tax_number", what)


def _swedish_legal_id(legal_id: str) -> Iterator[Violation]:
    if not re.fullmatch(r"[0-9]+", legal_id):
        yield wrong("SE-R-003", "/seller/legal_id", "A Swedish organization number has digits only (BT-30)")
    elif len(legal_id) != len("5560360793"):
        yield wrong("SE-R-004", "/seller/legal_id", "A Swedish organization number has 10 digits (BT-30)")
    elif not is_of_scheme("0007", legal_id):
        yield wrong("SE-R-013", "/seller/legal_id", "The check digit of the organization number is wrong (BT-30)")


def _iceland(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    yield from _icelandic_party("/seller", "002", "003", document.seller)
    if countries(document) == ("IS", "IS"):
        yield from _icelandic_party("/customer", "004", "005", document.customer)
    for code, account in payment_means(document, format_):
        rule = {"9": "IS-R-006", TO_ACCOUNT: "IS-R-007"}.get(code)
        if rule and not (account and re.fullmatch(r".{12}", account.number)):
            what = f"A payment by code {code} goes to an account of 12 digits (BT-84)"
            yield wrong(rule, "/seller/bank_accounts", what)
    for place, one in _supporting(document, _FINAL_DAY):
        yield from _final_day(document, one, f"/supporting_documents/{place}/reference")


def _icelandic_party(at: str, legal: str, street: str, party: Seller | Buyer | None) -> Iterator[Violation]:
    if not (party and party.legal_id and party.legal_id_scheme == "0196"):
        yield lacks(f"IS-R-{legal}", f"{at}/legal_id", "an Icelandic kennitala with the scheme 0196 (BT-30, BT-47)")
    if not (party and party.address and party.address.line1 and party.address.postal_code):
        what = "the street and post code of Icelandic parties (BT-35, BT-38, BT-50, BT-53)"
        yield lacks(f"IS-R-{street}", f"{at}/address", what)


def _final_day(document: Invoice, one: SupportingDocument, pointer: str) -> Iterator[Violation]:
    """The last day on which an invoice is paid without interest (EINDAGI), stated as a supporting document."""
    try:
        day = date.fromisoformat(one.reference) if re.fullmatch(r"[0-9-]{10}", one.reference) else None
    except ValueError:
        day = None
    if day is None:
        yield wrong("IS-R-008", pointer, "The reference of EINDAGI is a date (BT-122)")
    elif document.due_date is None or document.type != "invoice":
        # The rule finds no due date in a credit note, so only the supporting document can be corrected.
        at = "/due_date" if document.type == "invoice" else pointer
        yield lacks("IS-R-009", at, "a due date beside EINDAGI (BT-9)")
    elif day < document.due_date:
        yield wrong("IS-R-010", pointer, "EINDAGI is not before the due date (BT-122)")


def _netherlands(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    if document.type != "invoice" and not preceding_documents(document):
        yield lacks("NL-R-001", "/references", "the invoice that a Dutch seller credits (BT-25)")
    domestic = countries(document) == ("NL", "NL")
    yield from _dutch_party("/seller", "002", "003", document.seller)
    if domestic:
        yield from _dutch_party("/customer", "004", "005", document.customer)
    if document.purchase_order_id is None and any(line.order_line for line in document.lines):
        yield lacks("NL-R-009", "/purchase_order_id", "the order whose lines are named (BT-13)")
    representative = document.seller and document.seller.tax_representative
    if representative and representative.address.country == "NL" and not _is_complete(representative.address):
        what = "the street, city and post code of the Dutch representative (BT-64, BT-66, BT-67)"
        yield lacks("NL-R-006", "/seller/tax_representative/address", what)
    means = dict(payment_means(document, format_))
    if document.type == "invoice" and document.due > 0 and not means:
        yield lacks("NL-R-007", "/seller/bank_accounts", "a way to pay it (BG-16), such as an account")
    if document.type != "invoice" and document.due_date and not means:
        needs = "a payment method beside the due date of a credit note (BT-81, BT-9)"
        yield lacks("NL-R-008", "/payment_method", needs)
    for code in means if domestic else ():
        if code not in _DUTCH_MEANS:
            pointer = "/payment_means_code" if document.payment_means_code else "/payment_method"
            yield wrong("NL-R-008", pointer, f"Dutch parties have no payment means of code {code} (BT-81)")


def _is_complete(address: Address | None) -> bool:
    return bool(address and address.line1 and address.city and address.postal_code)


def _dutch_party(at: str, street: str, legal: str, party: Seller | Buyer | None) -> Iterator[Violation]:
    if not _is_complete(party.address if party else None):
        what = "the street, city and post code of Dutch parties (BT-35, BT-37, BT-38, BT-50, BT-52, BT-53)"
        yield lacks(f"NL-R-{street}", f"{at}/address", what)
    if party and party.legal_id and party.legal_id_scheme not in _DUTCH_SCHEMES:
        what = "The legal id of Dutch parties is a KVK number (scheme 0106) or an OIN (0190) (BT-30, BT-47)"
        yield wrong(f"NL-R-{legal}", f"{at}/legal_id_scheme", what)


def _greece(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    seller, buyer = document.seller, document.customer
    if seller is None or buyer is None:
        return
    yield from _greek_number(document, seller_vat_id(seller) or "")
    if seller.vat_id and not _is_greek_vat_id(seller.vat_id):
        yield wrong("GR-R-003", "/seller/vat_id", "A Greek VAT id is EL and the tax number (BT-31)")
    if seller.address.country == "GR":
        yield from _greek_references(document)
    ours, theirs = endpoints(document, format_)
    if ours and not _is_greek_address(ours):
        yield wrong("GR-R-009", "/seller/electronic_address", "A Greek seller's scheme is 9933, without EL (BT-34)")
    if not is_greek(buyer.tax_id, buyer.address):
        return
    if not (buyer.tax_id and _is_greek_vat_id(buyer.tax_id)):
        yield lacks("GR-R-006", "/customer/tax_id", "the Greek buyer's VAT id (BT-48)")
    if theirs and not _is_greek_address(theirs):
        yield wrong("GR-R-010", "/customer/electronic_address", "A Greek buyer's scheme is 9933, without EL (BT-49)")


def _is_greek_vat_id(text: str) -> bool:
    return text.startswith("EL") and is_of_scheme("9933", text)


def _is_greek_address(address: ElectronicAddress) -> bool:
    return address.scheme == "9933" and address.id.isdigit() and is_of_scheme("9933", address.id)


def _greek_number(document: Invoice, vat_id: str) -> Iterator[Violation]:
    """The six parts of a Greek number: tax number, day, branch, type of document, series and count."""
    parts, day = (document.number or "").split("|"), document.issue_date
    if len(parts) != len(("tax number", "day", "branch", "type", "series", "count")):
        what = "A Greek number has six parts, such as 094259216|{dd}/{mm}/{yyyy}|0|1.1|A|{n} (BT-1)"
        yield wrong("GR-R-001-1", _NUMBER, what)
        return
    tax_number, dated, branch, kind, series, count = parts
    for place, sound, content in (
        (2, tax_number == vat_id[2:] and is_of_scheme("9933", tax_number), "the seller's tax number"),
        (3, day is not None and dated == f"{day:%d/%m/%Y}", "the issue date as {dd}/{mm}/{yyyy}"),
        (4, branch.isdigit(), "the number of the branch"),
        (5, kind in _GREEK_TYPES, "a type of document, such as 1.1"),
        (6, bool(series), "the series"),
        (7, bool(count), "the count"),
    ):
        if not sound:
            yield wrong(f"GR-R-001-{place}", _NUMBER, f"Part {place - 1} of a Greek number is {content} (BT-1)")


def _greek_references(document: Invoice) -> Iterator[Violation]:
    marks, links = _supporting(document, _MARK), _supporting(document, _GREEK_LINK)
    if len(marks) != 1:
        what = f"one supporting document described {_MARK}, whose reference is the MARK (BT-122)"
        yield lacks("GR-R-004-1", "/supporting_documents", what)
    for place, one in marks:
        if not re.match(r"[1-9]", one.reference):
            pointer = f"/supporting_documents/{place}/reference"
            yield wrong("GR-R-004-2", pointer, "The MARK is a positive number (BT-122)")
    if len(links) > 1:
        yield wrong("GR-R-008-2", "/supporting_documents", f"One supporting document is {_GREEK_LINK} (BT-123)")
    for place, one in links:
        if not one.url:
            pointer = f"/supporting_documents/{place}/url"
            yield lacks("GR-R-008-3", pointer, f"the address of {_GREEK_LINK} (BT-124)")


def _supporting(document: Invoice, description: str) -> list[tuple[int, SupportingDocument]]:
    every = enumerate(document.supporting_documents)
    return [(place, one) for place, one in every if one.description == description]


type _Rules = Mapping[str, Callable[[Invoice, XmlFormat], Iterator[Violation]]]
_BY_VAT_ID: Final[_Rules] = {"NO": _norway, "IT": _italy, "EL": _greece, "GR": _greece}
"""Countries whose rules apply by the VAT id of the seller; by its address only where it has none."""
_BY_ADDRESS: Final[_Rules] = {"DK": _denmark, "IS": _iceland, "NL": _netherlands, "SE": _sweden}
"""Countries whose rules apply by the address of the seller."""
