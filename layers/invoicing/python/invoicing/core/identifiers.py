"""Identifiers of other authorities: VAT ids, Leitweg-IDs, addresses for e-invoices. Checked on entry.

Stored values were checked on entry, so reading them needs no check: the library is loaded at the first check.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Final, NamedTuple

from invoicing.core.errors import Invalid, Violation
from invoicing.core.party import (
    BankAccount,
    Buyer,
    Delivery,
    ElectronicAddress,
    PartyId,
    Payee,
    Supplier,
    TaxRepresentative,
    is_iban,
)

_EU = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
_EAS = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190 0191 0192
0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216 0217 0218 0219 0220
0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928
9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952
9953 9957 9959 AN AQ AS AU EM
"""
EU = frozenset(_EU.split())
"""The prefixes of VAT ids of the Union (EL for Greece, XI for Northern Ireland)."""
EAS = frozenset(_EAS.split())
"""The schemes of electronic addresses (EAS code list, as EN 16931 BR-CL-25 has it)."""
NOT_IN_PEPPOL = frozenset({"0219", "0220", "0242", "0246", "0248", "AN", "AQ", "AS", "AU", "EM"})
"""Schemes that the Peppol network has no participants of (PEPPOL-EN16931-CL008 of release 3.0.21)."""
ICD = frozenset(f"{number:04}" for number in range(2, 249)) - {"0092", "0103", "0181", "0182"}
"""The schemes of identifiers of organizations (ISO 6523, as EN 16931 BR-CL-10 and BR-CL-11 have it)."""

_BANK_REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9+?/:().,' -]{1,35}")


def is_bank_reference(text: str) -> bool:
    """Whether a text can identify a payment or a mandate in files of banks."""
    return _BANK_REFERENCE.fullmatch(text) is not None


def vat_id(text: str) -> bool:
    """Whether a VAT id of the Union is well formed, check digits included. Other VAT ids are not checked."""
    from stdnum.eu import vat

    return text[:2].upper() not in EU or bool(vat.is_valid(text))


def leitweg_id(text: str) -> bool:
    """Whether a Leitweg-ID is well formed, its check digits (ISO 7064 Mod 97-10) included."""
    from stdnum.de import leitweg

    return bool(leitweg.is_valid(text))


class Scheme(NamedTuple):
    """The form of the identifiers of a scheme."""

    pattern: str
    module: str | None = None
    """Module of `stdnum` that checks the digits."""
    rule: str | None = None
    """Rule of Peppol BIS Billing about the scheme."""


SCHEMES: Final[Mapping[str, Scheme]] = {
    "0002": Scheme(r"[0-9]{9}", "fr.siren"),
    "0007": Scheme(r"[0-9]{10}", "se.orgnr", "PEPPOL-COMMON-R049"),
    "0009": Scheme(r"[0-9]{14}", "fr.siret"),
    "0088": Scheme(r"[0-9]{13}", "ean", "PEPPOL-COMMON-R040"),
    "0096": Scheme(r"[0-9]{10}", None, "PEPPOL-COMMON-R052"),
    "0106": Scheme(r"[0-9]{8}", None, "PEPPOL-COMMON-R054"),
    "0151": Scheme(r"[0-9]{11}", "au.abn", "PEPPOL-COMMON-R050"),
    "0183": Scheme(r"CHE[0-9]{9}", "ch.uid"),
    "0184": Scheme(r"(DK)?[0-9]{8}", "dk.cvr", "PEPPOL-COMMON-R042"),
    "0190": Scheme(r"[0-9]{20}", None, "PEPPOL-COMMON-R055"),
    "0191": Scheme(r"[0-9]{8}", "ee.registrikood"),
    "0192": Scheme(r"[0-9]{9}", "no.orgnr", "PEPPOL-COMMON-R041"),
    "0196": Scheme(r"[0-9]{10}", "is_.kennitala"),
    "0198": Scheme(r"DK[0-9]{8}", "dk.cvr", "PEPPOL-COMMON-R053"),
    "0199": Scheme(r"[A-Z0-9]{20}", "lei"),
    "0201": Scheme(r"[A-Za-z0-9]{6}", None, "PEPPOL-COMMON-R044"),
    "0204": Scheme(r"[0-9A-Za-z-]+", "de.leitweg"),
    "0208": Scheme(r"[0-9]{10}", "be.vat", "PEPPOL-COMMON-R043"),
    "0210": Scheme(r"[A-Za-z0-9]{16}|[0-9]{11}", "it.codicefiscale", "PEPPOL-COMMON-R045"),
    "0211": Scheme(r"(IT)?[0-9]{11}", "it.iva", "PEPPOL-COMMON-R047"),
    "0217": Scheme(r"[0-9]{12}", None, "PEPPOL-COMMON-R057"),
    "9930": Scheme(r"DE[0-9]{9}", "de.vat"),
    "9933": Scheme(r"(EL)?[0-9]{9}", "gr.vat"),
    "9944": Scheme(r"NL[0-9]{9}B[0-9]{2}", "nl.btw", "PEPPOL-COMMON-R056-1"),
    "EM": Scheme(r"[^@\s]+@[^@\s]+"),
}
"""The schemes whose identifiers are checked. Others are accepted as they are sent."""


def is_of_scheme(scheme: str, id_: str) -> bool:
    """Whether an identifier has the form of its scheme and correct check digits; true for schemes without a check."""
    form = SCHEMES.get(scheme)
    if form is None:
        return True
    if re.fullmatch(form.pattern, id_) is None:
        return False
    return form.module is None or bool(import_module(f"stdnum.{form.module}").is_valid(id_))


def electronic_address(address: ElectronicAddress) -> bool:
    """Whether an address for e-invoices has the form of its scheme."""
    return is_of_scheme(address.scheme, address.id)


def identifier_mistakes(
    at: str, id_: str | None, scheme: str | None, *, scheme_at: str | None = None
) -> Iterator[tuple[str, str]]:
    """The mistakes in an identifier with a scheme of ISO 6523, each with its pointer (`at` is that of the id)."""
    if scheme is None:
        return
    if id_ is None:
        yield at, "A scheme belongs to an identifier"
    elif scheme not in ICD:
        yield scheme_at or f"{at}_scheme", "This scheme is not in the ICD code list (ISO 6523)."
    elif not is_of_scheme(scheme, id_):
        yield at, f"This is not an identifier of scheme {scheme}: its form or its check digit is wrong."


def party_id_mistakes(at: str, one: PartyId) -> Iterator[tuple[str, str]]:
    """The mistakes in an identifier of a party, each with its pointer."""
    return identifier_mistakes(f"{at}/id", one.id, one.scheme, scheme_at=f"{at}/scheme")


def delivery_mistakes(at: str, one: Delivery | None) -> Iterator[tuple[str, str]]:
    """The mistakes in the identifier of a place of delivery, each with its pointer."""
    if one is not None:
        yield from identifier_mistakes(f"{at}/location_id", one.location_id, one.location_id_scheme)


def payee_mistakes(at: str, one: Payee | None) -> Iterator[tuple[str, str]]:
    """The mistakes in the identifiers of a payee, each with its pointer."""
    if one is not None:
        yield from identifier_mistakes(f"{at}/id", one.id, one.id_scheme)
        yield from identifier_mistakes(f"{at}/legal_id", one.legal_id, one.legal_id_scheme)


def require_sound(buyer: Buyer, before: Buyer | None = None, *, at: str = "") -> None:
    """Refuse invalid identifiers; unchanged ones are not checked again."""
    require_identifiers((at + pointer, message) for pointer, message in _mistakes(buyer, before))


def require_identifiers(mistakes: Iterable[tuple[str, str]]) -> None:
    """Refuse identifiers with mistakes; each is a pointer and a message."""
    errors = tuple(Violation(pointer, Invalid.code, message) for pointer, message in mistakes)
    if errors:
        raise Invalid("An identifier is not valid.", errors=errors)


def _mistakes(buyer: Buyer, before: Buyer | None) -> Iterator[tuple[str, str]]:
    def new(name: str) -> bool:
        value = getattr(buyer, name)
        return value is not None and value != getattr(before, name, None)

    if new("tax_id") and not vat_id(buyer.tax_id or ""):
        yield "/tax_id", "This is no VAT id of that country: its form or its check digit is wrong."
    if new("leitweg_id") and not leitweg_id(buyer.leitweg_id or ""):
        yield "/leitweg_id", "This is no Leitweg-ID: its form or its check digits are wrong."
    if buyer.electronic_address is not None and new("electronic_address"):
        yield from address_mistakes(buyer.electronic_address)
    if new("legal_id_scheme") or new("legal_id"):
        yield from identifier_mistakes("/legal_id", buyer.legal_id, buyer.legal_id_scheme)
    if buyer.party_id is not None and new("party_id"):
        yield from party_id_mistakes("/party_id", buyer.party_id)
    if buyer.supplier is not None and new("supplier"):
        yield from _supplier_mistakes("/supplier", buyer.supplier)


def _supplier_mistakes(at: str, supplier: Supplier) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(supplier.party_ids):
        yield from party_id_mistakes(f"{at}/party_ids/{place}", one)
    yield from representative_mistakes(f"{at}/tax_representative", supplier.tax_representative)
    yield from account_mistakes(f"{at}/bank_accounts", supplier.bank_accounts)


def representative_mistakes(at: str, one: TaxRepresentative | None) -> Iterator[tuple[str, str]]:
    """The mistakes in a representative for VAT, each with its pointer."""
    if one is not None and not vat_id(one.vat_id):
        yield f"{at}/vat_id", "This is no VAT id of that country"


def account_mistakes(at: str, accounts: Sequence[BankAccount]) -> Iterator[tuple[str, str]]:
    """The mistakes in bank accounts, each with its pointer."""
    from stdnum import bic

    for place, account in enumerate(accounts):
        here = f"{at}/{place}"
        if (account.iban is None) == (account.account_number is None):
            yield f"{here}/iban", "A bank account has either an iban or an account_number"
        if account.iban is not None and not is_iban(account.iban):
            yield f"{here}/iban", "Input should be an IBAN with correct check digits"
        if account.bic is not None and not bic.is_valid(account.bic):
            yield f"{here}/bic", "Input should be a BIC (ISO 9362)"
        if account.iban is None and account.bic is not None:
            yield f"{here}/bic", "A bic belongs to an iban; name the bank of an account_number by its bank_code"
        if account.account_number is None and account.bank_code is not None:
            yield f"{here}/bank_code", "A bank_code belongs to an account_number"
        if account.id in {other.id for other in accounts[:place]}:
            yield f"{here}/id", "Each bank account has an id of its own"


def address_mistakes(address: ElectronicAddress) -> Iterator[tuple[str, str]]:
    """The mistakes in an address for e-invoices, each with its pointer."""
    if address.scheme not in EAS:
        yield "/electronic_address/scheme", "This scheme is not in the EAS code list."
    elif not electronic_address(address):
        yield "/electronic_address/id", "This is no address of its scheme."
