"""Identifiers of other authorities: VAT ids, Leitweg-IDs, addresses for e-invoices. Checked on entry.

Stored values were checked on entry, so reading them needs no check: the library is loaded at the first check.
"""

from collections.abc import Callable, Iterator

from invoicing.core.errors import Invalid, Violation
from invoicing.core.party import Buyer, ElectronicAddress

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


def vat_id(text: str) -> bool:
    """Whether a VAT id of the Union is well formed, check digits included. Other VAT ids are not checked."""
    from stdnum.eu import vat

    return text[:2].upper() not in EU or bool(vat.is_valid(text))


def leitweg_id(text: str) -> bool:
    """Whether a Leitweg-ID is well formed, its check digits (ISO 7064 Mod 97-10) included."""
    from stdnum.de import leitweg

    return bool(leitweg.is_valid(text))


def electronic_address(address: ElectronicAddress) -> bool:
    """Whether an address for e-invoices is valid in its scheme. Schemes of unknown form are not checked."""
    from stdnum import ean

    forms: dict[str, Callable[[str], bool]] = {
        "0088": lambda text: len(text) == 13 and bool(ean.is_valid(text)),
        "0204": leitweg_id,
        "9930": lambda text: text.startswith("DE") and vat_id(text),
        "EM": lambda text: text.count("@") == 1,
    }
    return forms.get(address.scheme, bool)(address.id)


def require_sound(buyer: Buyer, before: Buyer | None = None, *, at: str = "") -> None:
    """Refuse invalid identifiers; unchanged ones are not checked again."""
    errors = tuple(Violation(at + pointer, Invalid.code, message) for pointer, message in _mistakes(buyer, before))
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


def address_mistakes(address: ElectronicAddress) -> Iterator[tuple[str, str]]:
    """The mistakes in an address for e-invoices, each with its pointer."""
    if address.scheme not in EAS:
        yield "/electronic_address/scheme", "This scheme is not in the EAS code list."
    elif not electronic_address(address):
        yield "/electronic_address/id", "This is no address of its scheme."
