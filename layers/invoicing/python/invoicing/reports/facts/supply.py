"""The country of a supply, as far as a document shows it: EN 16931 has no term for it.

- A standard rate is charged in the seller's country, that of its VAT id. Only a rate that this country does not have is
  foreign: then the supply to a consumer in another member state is a distance sale, taxed where the goods are delivered
  or the customer is (articles 33 and 58 of Directive 2006/112/EC), and declared in the one-stop shop (OSS). A rate that
  both countries have counts as the seller's: nothing on the document decides otherwise.
- A reverse charge (`AE`) and a supply outside the scope (`O`) are taxed where the customer is (article 44).
- All others, intra-community supplies and exports among them, are where the seller is (article 32).
"""

from decimal import Decimal
from typing import Final, NamedTuple

from invoicing.core.identifiers import EU
from invoicing.core.party import Buyer, Delivery, Seller
from invoicing.pricing.tax import normal

_RATES: Final = {
    country: frozenset(map(Decimal, rates.split()))
    for country, rates in {
        "AT": "20 19 13 12 10 5", "BE": "21 12 6", "BG": "20 9", "CY": "19 9 5 3", "CZ": "21 15 12 10",
        "DE": "19 16 7 5", "DK": "25", "EE": "24 22 20 13 9 5", "ES": "21 10 7.5 5 4 2", "FI": "25.5 24 14 13.5 10",
        "FR": "20 10 8.5 5.5 2.1", "GR": "24 17 13 9 6 4", "HR": "25 13 5", "HU": "27 18 5", "IE": "23 21 13.5 9 4.8",
        "IT": "22 10 5 4", "LT": "21 12 9 5", "LU": "17 16 14 13 8 7 3", "LV": "21 12 5", "MT": "18 12 7 5",
        "NL": "21 9", "PL": "23 8 7 5", "PT": "23 22 16 13 12 9 6 5 4", "RO": "21 19 11 9 5", "SE": "25 12 6",
        "SI": "22 9.5 5", "SK": "23 20 19 10 5", "XI": "20 5",
    }.items()
}  # fmt: skip
"""The rates of each member state and Northern Ireland since 2020, regional ones among them (European Commission, Taxes
in Europe Database)."""


_GOODS_ONLY: Final = "XI"
"""Northern Ireland, as VAT ids name it."""


class Places(NamedTuple):
    """The countries of the parties of a document."""

    seller: str
    buyer: str
    destination: str
    consumer: bool
    """Whether the customer has no VAT id."""


def places_of(seller: Seller, buyer: Buyer, delivery: Delivery | None) -> Places:
    """The countries of the parties, by their VAT ids where they have some."""
    representative = seller.tax_representative
    vat_id = seller.vat_id or (representative.vat_id if representative else None)
    home = country_of_vat_id(vat_id) or seller.address.country
    address = buyer.address.country if buyer.address else None
    at = country_of_vat_id(buyer.tax_id) or address or home
    delivered = delivery.country if delivery else None
    return Places(home, at, delivered or address or at, buyer.tax_id is None)


def country_of_vat_id(vat_id: str | None) -> str | None:
    """The member state of a VAT id; None for ids of other countries."""
    prefix = (vat_id or "")[:2].upper()
    return None if prefix not in EU else "GR" if prefix == "EL" else prefix


def country_of_supply(category: str, rate: Decimal, places: Places) -> str:
    """The country whose tax a supply is subject to."""
    if category in ("AE", "O"):
        return places.buyer
    own, foreign = (_RATES.get(country, frozenset()) for country in (places.seller, places.destination))
    abroad = category == "S" and places.consumer and normal(rate) not in own and normal(rate) in foreign
    return places.destination if abroad and own else places.seller


def is_distance_sale(category: str, country: str, places: Places) -> bool:
    """Whether a supply is declared in the one-stop shop."""
    return category == "S" and country != places.seller


def is_intra_community(category: str, places: Places) -> bool:
    """Whether a supply is declared in the EC sales list: goods (`K`), or services with reverse charge (`AE`).

    Northern Ireland belongs to the Union for goods only (article 8 of the protocol with the United Kingdom).
    """
    parties = {places.buyer, places.seller}
    services = category == "AE" and len(parties) > 1 and places.buyer in _RATES and _GOODS_ONLY not in parties
    return category == "K" or services
