"""Postal addresses in the form of letters."""

from typing import Final

from invoicing.core.party import Address
from invoicing.documents.texts.wording import Wording

_REGION_BESIDE_CITY: Final = frozenset({"US", "CA", "AU"})
_POSTAL_CODE_LAST: Final = frozenset({"GB", "IE"})


def address_lines(address: Address | None, home: str | None, words: Wording) -> list[str]:
    """The lines of an address below the name. The country is included if it is not the sender's."""
    if address is None:
        return []
    country = address.country
    abroad = words.country(country).upper() if country != home else None
    lines = [address.line1, address.line2, address.line3, *_place(address, country), abroad]
    return [line for line in lines if line]


def _place(address: Address, country: str) -> list[str | None]:
    code, city, region = address.postal_code, address.city, address.region
    if country in _REGION_BESIDE_CITY:
        return [", ".join(part for part in (city, " ".join(part for part in (region, code) if part)) if part)]
    if country in _POSTAL_CODE_LAST:
        return [city, region, code]
    return [" ".join(part for part in (code, city) if part), region]
