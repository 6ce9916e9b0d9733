"""Rules of the French reform about fields of requests: EXTENDED-CTC-FR of Factur-X, with the rules BR-FR of XP Z12-012.

Not listed are rules that every document satisfies because of how its XML is written, and those of the processes for
several sellers (S8, B8, M8) and for both directions (S9, B9, M9), whose lines form groups: no such process is accepted.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from invoicing.core.einvoice import XmlFormat
from invoicing.core.errors import Violation
from invoicing.core.party import Buyer, ElectronicAddress, Seller
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import (
    business_process,
    endpoints,
    party_ids_of,
    preceding_documents,
    taxes_of,
    type_code,
)
from invoicing.issuing.errors import lacks, wrong
from invoicing.issuing.vat_rules import tax_currency
from invoicing.pricing.net_prices import price_of

SIREN, SIRET, _SINGLE_TAXPAYER, _DIRECTORY = "0002", "0009", "0231", "0225"
"""Schemes of ISO 6523: companies, establishments, members of a single taxpayer (VAT group), and the directory."""
_NUMBER: Final = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9+\-_.]+")
_YEARS: Final = range(2000, 2100)
_REQUIRED: Final = {
    "PMT": "the fixed compensation for recovery costs",
    "PMD": "the penalties for late payment",
    "AAB": "the discount for early payment, or that there is none",
}
"""The subjects of notes (BT-21) that each document has (article L441-9 of the Code de commerce)."""
_ONCE: Final = (*_REQUIRED, "TXD", "BAR")
_TREATMENTS: Final = frozenset({"B2B", "B2BINT", "B2C", "B2CINT", "OUTOFSCOPE", "ARCHIVEONLY"})
_PROCESSES: Final = frozenset(["B1", "S1", "M1", "B2", "S2", "M2", "S3", "B4", "S4", "M4", "S5", "S6", "B7", "S7"])
_GROUPED: Final = frozenset(["B8", "S8", "M8", "B9", "S9", "M9"])
_PAID, _FINAL = frozenset({"B2", "S2", "M2"}), frozenset({"B4", "S4", "M4"})
_CATEGORIES: Final = frozenset({"S", "E", "AE", "K", "G", "O", "Z"})
_RATES: Final = frozenset(
    map(Decimal, ["0", "10", "13", "20", "8.5", "19.6", "2.1", "5.5", "7", "20.6", "1.05", "0.9", "1.75", "9.2", "9.6"])
)
_DOCUMENTS: Final = """
RIB LISIBLE FEUILLE_DE_STYLE PJA BORDEREAU_SUIVI DOCUMENT_ANNEXE BON_LIVRAISON BON_COMMANDE BORDEREAU_SUIVI_VALIDATION
ETAT_ACOMPTE FACTURE_PAIEMENT_DIRECT RECAPITULATIF_COTRAITANCE
"""
SUPPORTING: Final = frozenset(_DOCUMENTS.split())
"""The codes that describe supporting documents (BT-123)."""
_READABLE: Final = "LISIBLE"
_MOST_OF_QUANTITY, _MOST_OF_PRICE, _LONGEST_ADDRESS = 4, 6, 125
_SELF_BILLED: Final = frozenset({"389", "261"})


def french_rules(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """Every rule of the French reform that a document with frozen parties breaks."""
    yield from _numbers(document)
    yield from _dates(document)
    yield from _notes(document)
    yield from _process(document, format_)
    yield from _parties(document, format_)
    yield from _treatment(document, format_)
    yield from _taxes(document)
    yield from _supporting(document)
    yield from _references(document, format_)
    yield from _decimals(document)


def _numbers(document: Invoice) -> Iterator[Violation]:
    """The number of the document and of those that it refers to."""
    what = "A French number has up to 35 letters, digits and + - _ /"
    if not _NUMBER.fullmatch(document.number or ""):
        yield wrong("BR-FR-02", "/seller/number_series", f"{what} (BT-1)")
    for place, one in enumerate(document.references):
        if not _NUMBER.fullmatch(one.number):
            yield wrong("BR-FR-02", f"/references/{place}/number", f"{what} (BT-25)")


def _dates(document: Invoice) -> Iterator[Violation]:
    """Dates are in this century."""
    dated: list[tuple[str, str, date | None]] = [
        ("/issue_date", "BT-2", document.issue_date),
        ("/tax_point_date", "BT-7", document.tax_point_date),
        ("/due_date", "BT-9", document.due_date),
        ("/delivery_date", "BT-72", document.delivery_date),
    ]
    dated += [(f"/references/{place}/issue_date", "BT-26", one.issue_date)
              for place, one in enumerate(document.references)]  # fmt: skip
    periods = [("/service_period", "BT-73", "BT-74", document.service_period)]
    periods += [(f"/lines/{place}/period", "BT-134", "BT-135", line.period)
                for place, line in enumerate(document.lines)]  # fmt: skip
    for at, begins, ends, period in periods:
        if period:
            dated += [(f"{at}/start", begins, period.start), (f"{at}/end", ends, period.end)]
    for pointer, term, day in dated:
        if day and day.year not in _YEARS:
            yield wrong("BR-FR-03", pointer, f"A French date is of the years 2000 to 2099 ({term})")


def _notes(document: Invoice) -> Iterator[Violation]:
    """The notes that the law requires, and the subjects that only one note has."""
    found = Counter(note.subject_code for note in document.notes)
    for subject, what in _REQUIRED.items():
        if not found[subject]:
            yield lacks("BR-FR-05", "/notes", f"a note of subject {subject} about {what} (BT-22)")
    for subject in _ONCE:
        if found[subject] > 1:
            rule = "BR-FR-31" if subject == "BAR" else "BR-FR-06"
            yield wrong(rule, "/notes", f"Only one note has the subject {subject} (BT-21)")
    for place, note in enumerate(document.notes):
        if note.subject_code == "BAR" and note.text not in _TREATMENTS:
            what = f"A note of subject BAR is one of {', '.join(sorted(_TREATMENTS))} (BT-22)"
            yield wrong("BR-FR-20", f"/notes/{place}/text", what)


def _process(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """The kind of supply and invoice, as the business process."""
    process, pointer = business_process(document, format_), "/business_process"
    if process is None:
        needs = "the kind of supply: B1 for goods, S1 for services, M1 for both (BT-23)"
        yield lacks("BR-FR-08", pointer, needs)
    elif process in _GROUPED:
        what = f"{process} is for invoices of several sellers, whose lines are grouped (BT-23)"
        yield wrong("BR-FR-MV-02", pointer, what)
    elif process not in _PROCESSES:
        yield wrong("BR-FR-08", pointer, f"{process} is no French process: {', '.join(sorted(_PROCESSES))} (BT-23)")
    if process in _FINAL and type_code(document, format_) == "386":
        yield wrong("BR-FR-CO-08", pointer, f"{process} is for final invoices, not for deposits (BT-23)")
    if process in _PAID:
        if document.due or document.refund_due or document.rounding or not document.total:
            yield wrong("BR-FR-CO-09", pointer, f"{process} is for invoices that were paid in full (BT-113)")
        if document.due_date is None:
            yield lacks("BR-FR-CO-09", "/due_date", "the date of the payment (BT-9)")


def _parties(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """The SIREN of the seller, its establishments, and the electronic addresses."""
    seller, buyer = document.seller, document.customer
    yield from _identified("BR-FR-10", "/seller", "BT-30", seller)
    for pointer, one in party_ids_of(document):
        party = seller if pointer.startswith("/seller") else buyer
        if one.scheme == SIRET and not one.id.startswith(_siren(party) or "?"):
            yield wrong("BR-FR-09", f"{pointer}/id", "A SIRET begins with the SIREN of its company (BT-29, BT-46)")
    schemes = Counter(one.scheme for one in (seller.party_ids if seller else ()) if one.scheme)
    for scheme, times in schemes.items():
        if times > 1:
            yield wrong("BR-FR-CO-10", "/seller/party_ids", f"Only one identifier has the scheme {scheme} (BT-29)")
    if schemes[_SINGLE_TAXPAYER]:
        yield from _single_taxpayer(document)
    yield from _addresses(document, format_)


def _addresses(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """The electronic addresses, which route the document."""
    for at, number, term, address in zip(("/seller", "/customer"), ("13", "12"), ("BT-34", "BT-49"),
                                         endpoints(document, format_), strict=True):  # fmt: skip
        pointer = f"{at}/electronic_address"
        if address is None:
            yield lacks(f"BR-FR-{number}", pointer, f"an electronic address ({term})")
        elif address.scheme == _DIRECTORY and not _ADDRESS.fullmatch(address.id):
            what = f"An address of scheme 0225 has letters, digits and + - _ . ({term})"
            yield wrong("BR-FR-23", f"{pointer}/id", what)
        elif len(address.id) > _LONGEST_ADDRESS:
            yield wrong("BR-FR-25", f"{pointer}/id", f"An electronic address has up to 125 characters ({term})")


def _identified(rule: str, at: str, term: str, party: Seller | Buyer | None) -> Iterator[Violation]:
    if party and party.legal_id and party.legal_id_scheme != SIREN:
        what = f"The legal id of a French company is its SIREN, with the scheme {SIREN} ({term}-1)"
        yield wrong(rule, f"{at}/legal_id_scheme", what)
    elif not _siren(party):
        yield lacks(rule, f"{at}/legal_id", f"the SIREN of 9 digits, with the scheme {SIREN} ({term})")


def _siren(party: Seller | Buyer | None) -> str | None:
    return party.legal_id if party and party.legal_id_scheme == SIREN else None


def _single_taxpayer(document: Invoice) -> Iterator[Violation]:
    """A member of a single taxpayer (article 256 C of the Code général des impôts) names its representative."""
    if not any((note.subject_code, note.text) == ("TXD", "MEMBRE_ASSUJETTI_UNIQUE") for note in document.notes):
        yield lacks("BR-FR-CO-14", "/notes", "a note of subject TXD with the text MEMBRE_ASSUJETTI_UNIQUE (BT-22)")
    if not (document.seller and document.seller.tax_representative):
        yield lacks("BR-FR-CO-15", "/seller/tax_representative", "the single taxpayer and its VAT id (BT-63)")


def _treatment(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """A domestic invoice between companies (BAR with B2B) is addressed by SIREN."""
    if not any((note.subject_code, note.text) == ("BAR", "B2B") for note in document.notes):
        return
    yield from _identified("BR-FR-11", "/customer", "BT-47", document.customer)
    ours, theirs = endpoints(document, format_)
    if type_code(document, format_) in _SELF_BILLED:
        yield from _by_siren("BR-FR-22", "/seller", "BT-34", ours, document.seller)
    else:
        yield from _by_siren("BR-FR-21", "/customer", "BT-49", theirs, document.customer)


def _by_siren(
    rule: str, at: str, term: str, address: ElectronicAddress | None, party: Seller | Buyer | None
) -> Iterator[Violation]:
    if not (address and address.scheme == _DIRECTORY and address.id.startswith(_siren(party) or "?")):
        what = f"In France between companies the address has the scheme 0225 and begins with the SIREN ({term})"
        yield wrong(rule, f"{at}/electronic_address", what)


def _taxes(document: Invoice) -> Iterator[Violation]:
    """Categories and rates of French VAT, and its currency."""
    for pointer, tax in taxes_of(document):
        if tax.category not in _CATEGORIES:
            yield wrong("BR-FR-15", f"{pointer}/category", f"France has no VAT of category {tax.category} (BT-151)")
        elif tax.rate not in _RATES:
            yield wrong("BR-FR-16", f"{pointer}/rate", f"{tax.rate} percent is no rate of French VAT (BT-152)")
    if document.currency != "EUR" and tax_currency(document) != "EUR":
        yield wrong("BR-FR-CO-12", "/tax_currency", "The VAT of an invoice in another currency is stated in EUR (BT-6)")


def _supporting(document: Invoice) -> Iterator[Violation]:
    """The descriptions of supporting documents are codes."""
    described = [(f"/supporting_documents/{place}/description", one.description)
                 for place, one in enumerate(document.supporting_documents)]  # fmt: skip
    described += [(f"/attachments/{place}/description", one.description)
                  for place, one in enumerate(document.attachments)]  # fmt: skip
    for pointer, description in described:
        if description and description not in SUPPORTING:
            what = f"The description of a supporting document is one of {', '.join(sorted(SUPPORTING))} (BT-123)"
            yield wrong("BR-FR-17", pointer, what)
    readable = [pointer for pointer, description in described if description == _READABLE]
    for pointer in readable[1:]:
        yield wrong("BR-FR-18", pointer, f"Only one supporting document is {_READABLE} (BT-123)")


def _references(document: Invoice, format_: XmlFormat) -> Iterator[Violation]:
    """A corrected invoice names one earlier invoice, and a credit note at least one, with its date."""
    earlier = preceding_documents(document)
    dated = [one for one in earlier if one.issue_date]
    if type_code(document, format_) == "384" and not (len(earlier) == len(dated) == 1):
        yield wrong("BR-FR-CO-04", "/references", "A corrected invoice names one earlier invoice with its date (BT-25)")
    if document.type != "invoice" and not dated:
        yield lacks("BR-FR-CO-05", "/references", "the credited invoice with its date (BT-25, BT-26)")


def _decimals(document: Invoice) -> Iterator[Violation]:
    """Quantities have up to four decimals, prices up to six."""
    for place, line in enumerate(document.lines):
        at = f"/lines/{place}"
        quantities = (
            ("quantity", "BT-129", line.quantity),
            ("price_base_quantity", "BT-149", line.price_base_quantity),
        )
        for name, term, value in quantities:
            if _places(value) > _MOST_OF_QUANTITY:
                yield wrong("BR-FR-DEC-02", f"{at}/{name}", f"A quantity has up to four decimals ({term})")
        price = price_of(line, document.currency, inclusive=document.price_tax_inclusive)
        for name, term, amount in (("unit_price", "BT-146", price.net), ("price_discount", "BT-147", price.discount),
                                   ("gross_price", "BT-148", price.gross)):  # fmt: skip
            if amount is not None and _places(amount) > _MOST_OF_PRICE:
                yield wrong("BR-FR-DEC-03", f"{at}/{name}", f"A net price has up to six decimals ({term})")


def _places(value: Decimal) -> int:
    """The number of decimals, without zeros at the end."""
    return max(0, -int(value.normalize().as_tuple().exponent))
