"""The rules of each e-invoice format beyond VAT categories, checked before a number is used.

These are the rules about fields of requests: required terms, codes of lists, and additional rules of a network or
country. Rules about sums hold by the computation, and those about the order of elements by the writer. Germany's rules
are those of XRechnung, which Peppol has under the same numbers between German parties; `national_rules` has the others
of Peppol, and `national` those of countries with a format of their own.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from invoicing.core.currency import exponent
from invoicing.core.einvoice import FORMATS, RuleSet, XmlFormat
from invoicing.core.errors import Violation
from invoicing.core.identifiers import ICD, NOT_IN_PEPPOL, SCHEMES, is_of_scheme
from invoicing.core.party import Address, BankAccount, Contact, Payee, Seller
from invoicing.invoices.drafts.supporting import Attachment, SupportingDocument
from invoicing.invoices.model import Invoice
from invoicing.issuing.code_lists import (
    ALLOWANCE_REASONS,
    CHARGE_REASONS,
    CLASSIFICATIONS,
    COUNTRIES,
    EXEMPTIONS,
    NO_CURRENCIES,
    NOTE_SUBJECTS,
    OBJECT_SCHEMES,
    UNITS,
)
from invoicing.issuing.einvoice import (
    CARDS,
    DIRECT_DEBITS,
    SEPA_DEBIT,
    SEPA_TRANSFER,
    TRANSFER,
    buyer_reference,
    countries,
    endpoints,
    entries_of,
    party_ids_of,
    payment_means,
    preceding_documents,
    specified,
    taxes_of,
    type_code,
)
from invoicing.issuing.errors import lacks, wrong
from invoicing.issuing.national.france import french_rules
from invoicing.issuing.national.romania import romanian_rules
from invoicing.issuing.national_rules import national_rules, split_payment_rules
from invoicing.pricing.totals import is_near

_GREECE: Final = "EL"
_DECIMALS: Final = 2
_MOST_DIFFERENCE: Final = Decimal("0.02")
_REASONS: Final = (
    (ALLOWANCE_REASONS, "BR-CL-19", "BT-98, BT-140"),
    (CHARGE_REASONS, "BR-CL-20", "BT-105, BT-145"),
)
"""The codes of reasons for an allowance and for a charge, their rule and their terms."""
_OF_ENTRIES: Final = (("07", "BT-103"), ("06", "BT-96"))
"""The number of the rule about the rate of a charge and of an allowance, and its term."""
_CATEGORY_OF: Final[dict[str, tuple[str, str]]] = {
    "VATEX-EU-G": ("G", "0104"),
    "VATEX-EU-O": ("O", "0105"),
    "VATEX-EU-IC": ("K", "0106"),
    "VATEX-EU-AE": ("AE", "0107"),
    "VATEX-EU-D": ("E", "0108"),
    "VATEX-EU-F": ("E", "0109"),
    "VATEX-EU-I": ("E", "0110"),
    "VATEX-EU-J": ("E", "0111"),
}
"""The category that a code of the VATEX list belongs to, and the number of Peppol's rule."""
_XRECHNUNG, _PEPPOL_GERMANY = "BR-DE-", "DE-R-"
_CASH_DISCOUNT: Final = re.compile(r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#")
_WITH_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
_GERMAN_TYPES: Final = frozenset({"326", "384"})
_NOWHERE: Final = Address(country="DE")


def broken_rules(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Every rule of a format that a document with frozen parties breaks: its id, the business term, and our field."""
    yield from _parties(document)
    yield from _currencies(document)
    yield from _codes(document)
    yield from _types(document, format_)
    yield from _transfers(document, format_)
    yield from split_payment_rules(document, format_)
    for rules in FORMATS[format_].rules:
        yield from _CHECKS[rules](document, format_)


def _parties(document: Invoice) -> Iterator[Violation]:
    seller, buyer = document.seller, document.customer
    if seller is None or buyer is None:
        raise AssertionError("parties are frozen before rules are asked")
    if buyer.address is None:
        yield lacks("BR-10", "/customer/address", "the buyer's address (BG-8)")
    if not (seller.vat_id or seller.legal_id or seller.tax_number or seller.party_ids):
        yield lacks("BR-CO-26", "/seller/legal_id", "a number of the seller's (BT-29, BT-30, BT-31)")
    payee, representative = document.payee, seller.tax_representative
    if payee and _is_seller(payee, seller):
        yield wrong("BR-17", "/payee/name", "The payee is another party than the seller (BT-59)")
    for pointer, term, vat_id in (
        ("/seller/vat_id", "BT-31", seller.vat_id),
        ("/customer/tax_id", "BT-48", buyer.tax_id),
        ("/seller/tax_representative/vat_id", "BT-63", representative and representative.vat_id),
    ):
        if vat_id and vat_id[:2] not in COUNTRIES | {_GREECE}:
            yield wrong("BR-CO-09", pointer, f"A VAT id begins with the code of its country ({term})")
    places = (("/seller/address", "BT-40", seller.address), ("/customer/address", "BT-55", buyer.address),
              ("/ship_to", "BT-80", document.ship_to and document.ship_to.address),
              ("/seller/tax_representative/address", "BT-69", representative and representative.address))  # fmt: skip
    for pointer, term, address in places:
        if address and address.country not in COUNTRIES:
            yield wrong("BR-CL-14", f"{pointer}/country", f"{address.country} is no country of ISO 3166-1 ({term})")


def _is_seller(payee: Payee, seller: Seller) -> bool:
    """Whether a payee has a name or number of the seller."""
    shared_id = payee.id is not None and payee.id in {one.id for one in seller.party_ids}
    shared_legal_id = payee.legal_id is not None and payee.legal_id == seller.legal_id
    return payee.name in (seller.name, seller.trading_name) or shared_id or shared_legal_id


def _currencies(document: Invoice) -> Iterator[Violation]:
    declared_in = None if document.tax_currency == document.currency else document.tax_currency
    for pointer, term, code, known, fine in (
        ("/currency", "BT-5", document.currency, "BR-CL-04", "BR-DEC-09"),
        ("/tax_currency", "BT-6", declared_in, "BR-CL-05", "BR-DEC-15"),
    ):
        if code in NO_CURRENCIES:
            yield wrong(known, pointer, f"{code} is no currency of the list ({term})")
        elif code and exponent(code) > _DECIMALS:
            yield wrong(fine, pointer, f"Amounts have at most two decimals, which {code} does not allow ({term})")


def _objects(document: Invoice) -> Iterator[Violation]:
    """Schemes of the invoiced objects."""
    schemes = [("", "BT-18-1", document.object_scheme)]
    schemes += [(f"/lines/{place}", "BT-128-1", line.object_scheme) for place, line in enumerate(document.lines)]
    for at, term, scheme in schemes:
        if scheme and scheme not in OBJECT_SCHEMES:
            yield wrong("BR-CL-07", f"{at}/object_scheme", f"{scheme} is no scheme of the list ({term})")


def _items(document: Invoice) -> Iterator[Violation]:
    """Schemes, classifications and countries of articles."""
    for place, line in enumerate(document.lines):
        at, scheme, country = f"/lines/{place}", line.standard_item_scheme, line.origin_country
        if scheme and scheme not in ICD:
            yield wrong("BR-CL-21", f"{at}/standard_item_scheme", f"{scheme} is no scheme of ISO 6523 (BT-157-1)")
        if country and country not in COUNTRIES:
            yield wrong("BR-CL-15", f"{at}/origin_country", f"{country} is no country of ISO 3166-1 (BT-159)")
        for number, one in enumerate(line.classifications):
            if one.scheme not in CLASSIFICATIONS:
                what = f"{one.scheme} is no classification of the list (BT-158-1)"
                yield wrong("BR-CL-13", f"{at}/classifications/{number}/scheme", what)


def _types(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Types of documents that the format does not allow."""
    code, row = type_code(document, format_), FORMATS[format_]
    if code not in row.types:
        yield wrong(row.types_rule, "/type_code", f"The format does not allow the type {code} (BT-3)")
    elif code in _GERMAN_TYPES and "peppol" in row.rules and countries(document) != ("DE", "DE"):
        what = f"Type {code} is for invoices between German parties only (BT-3)"
        yield wrong("PEPPOL-EN16931-P0112", "/type_code", what)


def _codes(document: Invoice) -> Iterator[Violation]:
    yield from _objects(document)
    yield from _items(document)
    for place, note in enumerate(document.notes):
        if note.subject_code and note.subject_code not in NOTE_SUBJECTS:
            what = f"{note.subject_code} is no subject of the list (BT-21)"
            yield wrong("BR-CL-08", f"/notes/{place}/subject_code", what)
    for place, line in enumerate(document.lines):
        if line.unit not in UNITS:
            yield wrong("BR-CL-23", f"/lines/{place}/unit", f"{line.unit} is no unit of the lists (BT-130)")
    for pointer, tax in taxes_of(document):
        if tax.exemption_code and tax.exemption_code not in EXEMPTIONS:
            what = f"{tax.exemption_code} is no reason of the VATEX list (BT-121)"
            yield wrong("BR-CL-22", f"{pointer}/exemption_code", what)
    for pointer, entry in entries_of(document):
        known, rule, terms = _REASONS[entry.charge]
        if entry.reason_code and entry.reason_code not in known:
            what = f"{entry.reason_code} is no reason of the list ({terms})"
            yield wrong(rule, f"{pointer}/reason_code", what)


def _peppol(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Rules of Peppol beside those of its network."""
    _, process = specified(document, format_)
    if document.business_process not in (None, process):
        yield wrong("PEPPOL-EN16931-R007", "/business_process", f"The business process is {process} (BT-23)")
    if not (buyer_reference(document) or document.purchase_order_id):
        needs = "a buyer reference (BT-10) or a purchase order (BT-13)"
        yield lacks("PEPPOL-EN16931-R003", "/buyer_reference", needs)
    yield from _nets(document)
    yield from _exemptions(document)
    yield from _identifiers(document, format_)


def _identifiers(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Schemes that Peppol knows, with well-formed identifiers (PEPPOL-COMMON-R040 to R057)."""
    for place, endpoint in zip(("seller", "customer"), endpoints(document, format_), strict=True):
        pointer = f"/{place}/electronic_address"
        if endpoint and endpoint.scheme in NOT_IN_PEPPOL:
            what = f"Peppol has no participants of scheme {endpoint.scheme} (BT-34, BT-49)"
            yield wrong("PEPPOL-EN16931-CL008", f"{pointer}/scheme", what)
        elif endpoint:
            yield from _identifier(f"{pointer}/id", endpoint.scheme, endpoint.id, "BT-34, BT-49")
    for place, party in (("seller", document.seller), ("customer", document.customer)):
        if party and party.legal_id and party.legal_id_scheme:
            yield from _identifier(f"/{place}/legal_id", party.legal_id_scheme, party.legal_id, "BT-30, BT-47")
    for pointer, one in party_ids_of(document):
        if one.scheme:
            yield from _identifier(f"{pointer}/id", one.scheme, one.id, "BT-29, BT-46")


def _identifier(pointer: str, scheme: str, id_: str, terms: str) -> Iterator[Violation]:
    form = SCHEMES.get(scheme)
    if form and form.rule and not is_of_scheme(scheme, id_):
        yield wrong(form.rule, pointer, f"{id_} is no identifier of scheme {scheme} ({terms})")


def _exemptions(document: Invoice) -> Iterator[Violation]:
    """Codes of exemptions that belong to one category in Peppol."""
    for pointer, tax in taxes_of(document):
        category, number = _CATEGORY_OF.get(tax.exemption_code or "", (tax.category, ""))
        if tax.category != category:
            what = f"{tax.exemption_code} is a reason for category {category} only (BT-121)"
            yield wrong(f"PEPPOL-EN16931-P{number}", f"{pointer}/exemption_code", what)


def _nets(document: Invoice) -> Iterator[Violation]:
    """A net amount of another system is within 0.02 of quantity × price; in XRechnung the rule only warns."""
    for place, line in enumerate(document.lines):
        if line.net_given and not is_near(line, _MOST_DIFFERENCE, document.currency):
            what = f"The net of a line is at most {_MOST_DIFFERENCE} away from quantity × price (BT-131)"
            yield wrong("PEPPOL-EN16931-R120", f"/lines/{place}/net", what)


def _bases(document: Invoice) -> Iterator[Violation]:
    """An allowance or charge with a base has a percentage (also a rule of XRechnung)."""
    for pointer, entry in entries_of(document):
        if entry.has_base_alone:
            what = "the percentage of the base of an allowance or charge (BT-94, BT-101, BT-138, BT-143)"
            yield lacks("PEPPOL-EN16931-R042", f"{pointer}/percent", what)


def _rates(document: Invoice) -> Iterator[Violation]:
    """In the Canary Islands zero is a rate, which the official CII rules refuse."""
    for pointer, tax in taxes_of(document):
        if tax.category == "L" and not tax.rate:
            number, term = ("05", "BT-152") if "/lines/" in pointer else _OF_ENTRIES[pointer.startswith("/allowances/")]
            what = f"In this syntax category L needs a rate above zero ({term})"
            yield wrong(f"BR-AF-{number}", f"{pointer}/rate", what)


def _networks(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    ours, theirs = endpoints(document, format_)
    kind = " of the Peppol network" if "peppol" in FORMATS[format_].rules else ""
    if ours is None:
        what = f"the seller's electronic address{kind} (BT-34)"
        yield lacks("PEPPOL-EN16931-R020", "/seller/electronic_address", what)
    if theirs is None:
        what = f"the buyer's electronic address{kind} (BT-49)"
        yield lacks("PEPPOL-EN16931-R010", "/customer/electronic_address", what)
    if document.mandate is None and _is_debited(document, format_):
        yield lacks("PEPPOL-EN16931-R061", "/mandate", "the mandate of the direct debit (BT-89)")
    yield from _periods(document)
    yield from _bases(document)


def _one_earlier_document(document: Invoice) -> Iterator[Violation]:
    """KoSIT validates against D16B, where the header has one InvoiceReferencedDocument."""
    if len(preceding_documents(document)) > 1:
        prepaid = "/prepaid/references" if document.prepaid and document.prepaid.references else "/deposits"
        pointer = "/references" if document.references else prepaid
        yield wrong("XSD-D16B", pointer, "XRechnung in CII names one earlier document only (BG-3); UBL names several")


def _periods(document: Invoice) -> Iterator[Violation]:
    """The period of a line is within that of the document, unless that is a single day."""
    whole = document.service_period
    if whole is None or (whole.only_day and document.delivery_date is None):
        return
    for place, line in enumerate(document.lines):
        start, end = (line.period.start, line.period.end) if line.period else (None, None)
        if start and whole.start and start < whole.start:
            what = "The period of a line begins within that of the document (BT-134)"
            yield wrong("PEPPOL-EN16931-R110", f"/lines/{place}/period/start", what)
        if end and whole.end and end > whole.end:
            what = "The period of a line ends within that of the document (BT-135)"
            yield wrong("PEPPOL-EN16931-R111", f"/lines/{place}/period/end", what)


def _terms_in_words(document: Invoice, prefix: str) -> Iterator[Violation]:
    """XRechnung reserves lines that begin with # in payment terms for cash discounts in its own form (BR-DE-18)."""
    lines = (document.payment_terms_text or "").split("\n")
    if any(line.lstrip().startswith("#") and not _CASH_DISCOUNT.fullmatch(line) for line in lines):
        rule = f"{prefix}18" if prefix == _XRECHNUNG else f"{prefix}018"
        yield wrong(
            rule,
            "/payment_terms_text",
            "A line that begins with # is a cash discount such as #SKONTO#TAGE=7#PROZENT=2.00# (BT-20)",
        )


def _locations(document: Invoice) -> Iterator[Violation]:
    """XRechnung has complete addresses of documents on the web, with a scheme such as `https:`."""
    lists: tuple[tuple[str, Sequence[SupportingDocument | Attachment]], ...] = (
        ("supporting_documents", document.supporting_documents),
        ("attachments", document.attachments),
    )
    for name, documents in lists:
        for place, one in enumerate(documents):
            if one.url and not _WITH_SCHEME.match(one.url):
                what = "The address of a document on the web begins with a scheme such as https:// (BT-124)"
                yield wrong("BR-TMP-2", f"/{name}/{place}/url", what)


def _germany(document: Invoice, format_: XmlFormat, prefix: str) -> Iterator[Violation]:
    """XRechnung's rules; Peppol has the same under numbers of three digits."""
    yield from _terms_in_words(document, prefix)
    seller, buyer, mandate = document.seller, document.customer, document.mandate
    contact = (seller and seller.contact) or Contact()
    ours, theirs = seller and seller.address, (buyer and buyer.address) or _NOWHERE
    there = document.ship_to and document.ship_to.address
    means = dict(payment_means(document, format_))
    direct, sepa, card = _is_debited(document, format_), SEPA_DEBIT in means, not CARDS.isdisjoint(means)
    for number, given, pointer, what in (
        ("1", means, "/seller/bank_accounts", "a way to pay it (BG-16), such as an account"),
        ("3", ours and ours.city, "/seller/address/city", "the seller's city (BT-37)"),
        ("4", ours and ours.postal_code, "/seller/address/postal_code", "the seller's post code (BT-38)"),
        ("5", contact.name, "/seller/contact/name", "the name of the seller's contact (BT-41)"),
        ("6", contact.phone, "/seller/contact/phone", "the phone number of the seller's contact (BT-42)"),
        ("7", contact.email, "/seller/contact/email", "the e-mail address of the seller's contact (BT-43)"),
        ("8", theirs.city, "/customer/address/city", "the buyer's city (BT-52)"),
        ("9", theirs.postal_code, "/customer/address/postal_code", "the buyer's post code (BT-53)"),
        ("10", there is None or there.city, "/ship_to/city", "the city that it is delivered to (BT-77)"),
        ("11", there is None or there.postal_code, "/ship_to/postal_code", "the post code of that place (BT-78)"),
        ("15", buyer_reference(document), "/buyer_reference", "a buyer reference, such as a Leitweg-ID (BT-10)"),
        ("24-a", not card or document.card, "/card", "the last digits of the card (BG-18)"),
        ("25-a", not sepa or mandate, "/mandate", "the mandate of the direct debit (BG-19)"),
        ("30", not direct or (seller and seller.creditor_id), "/seller/creditor_id", "the SEPA creditor id (BT-90)"),
        ("31", not direct or (mandate and mandate.iban), "/mandate/iban", "the account that is debited (BT-91)"),
    ):
        if not given:
            digits = f"{int(number.partition('-')[0]):03}" if prefix == _PEPPOL_GERMANY else number
            yield lacks(f"{prefix}{digits}", pointer, what)


def _is_debited(document: Invoice, format_: XmlFormat) -> bool:
    return not DIRECT_DEBITS.isdisjoint(dict(payment_means(document, format_)))


def _transfers(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """A credit transfer names the account that it goes to, and one in SEPA its IBAN."""
    for code, account in payment_means(document, format_):
        if code in (TRANSFER, SEPA_TRANSFER) and account is None:
            yield lacks("BR-61", "/seller/bank_accounts", "the account that it is paid to (BT-84)")
        elif code == SEPA_TRANSFER and account and account.iban is None:
            place = _place(document, account)
            yield wrong("BR-DE-19", f"/seller/bank_accounts/{place}/iban", "A SEPA transfer goes to an IBAN (BT-84)")


def _place(document: Invoice, account: BankAccount) -> int:
    return document.seller.bank_accounts.index(account) if document.seller else 0


def _germany_in_peppol(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    if countries(document) == ("DE", "DE"):
        yield from _germany(document, format_, _PEPPOL_GERMANY)


def _xrechnung(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    yield from _locations(document)
    yield from _germany(document, format_, _XRECHNUNG)


_CHECKS: Final[Mapping[RuleSet, Callable[[Invoice, XmlFormat], Iterator[Violation]]]] = {
    "cii": lambda document, _: _rates(document),
    "network": _networks,
    "peppol": _peppol,
    "cii_d16b": lambda document, _: _one_earlier_document(document),
    "xrechnung": _xrechnung,
    "peppol_germany": _germany_in_peppol,
    "peppol_national": national_rules,
    "france": french_rules,
    "romania": romanian_rules,
}
