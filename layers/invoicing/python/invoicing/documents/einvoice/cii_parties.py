"""The parties of a document as CII: seller, buyer, payee, tax representative and place of delivery."""

from invoicing.core.party import Address, Delivery, ElectronicAddress, Payee, TaxRepresentative
from invoicing.documents.einvoice.terms import Party
from invoicing.documents.einvoice.tree import Node, node


def party_of(name: str, party: Party) -> Node | None:
    """A party with its identifiers, contact and addresses."""
    return node(
        name,
        [node("ram:ID", one.id) for one in party.identifiers if one.scheme is None],
        [node("ram:GlobalID", one.id, schemeID=one.scheme) for one in party.identifiers if one.scheme],
        node("ram:Name", party.name),
        node("ram:Description", party.legal_information),
        node(
            "ram:SpecifiedLegalOrganization",
            identified("ram:ID", party.legal_id, party.legal_id_scheme),
            node("ram:TradingBusinessName", party.trading_name),
        ),
        node(
            "ram:DefinedTradeContact",
            node("ram:PersonName", party.contact),
            node("ram:TelephoneUniversalCommunication", node("ram:CompleteNumber", party.phone)),
            node("ram:EmailURIUniversalCommunication", node("ram:URIID", party.email)),
        ),
        _address(party.address),
        _endpoint(party.endpoint),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", party.vat_id, schemeID="VA")),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", party.tax_number, schemeID="FC")),
    )


def identified(name: str, id_: str | None, scheme: str | None) -> Node | None:
    """An identifier with its scheme."""
    return node(name, id_, schemeID=scheme) if scheme else node(name, id_)


def _endpoint(endpoint: ElectronicAddress | None) -> Node | None:
    if endpoint is None:
        return None
    return node("ram:URIUniversalCommunication", node("ram:URIID", endpoint.id, schemeID=endpoint.scheme))


def _address(address: Address | None) -> Node | None:
    if address is None:
        return None
    return node(
        "ram:PostalTradeAddress",
        node("ram:PostcodeCode", address.postal_code),
        node("ram:LineOne", address.line1),
        node("ram:LineTwo", address.line2),
        node("ram:LineThree", address.line3),
        node("ram:CityName", address.city),
        node("ram:CountryID", address.country),
        node("ram:CountrySubDivisionName", address.region),
    )


def delivered_to(place: Delivery | None) -> Node | None:
    """The place of delivery."""
    if place is None:
        return None
    location = _own_or_global(place.location_id, place.location_id_scheme)
    return node("ram:ShipToTradeParty", location, node("ram:Name", place.name), _address(place.address))


def payee_of(payee: Payee | None) -> Node | None:
    """The party that is paid, where it is not the seller."""
    if payee is None:
        return None
    return node(
        "ram:PayeeTradeParty",
        _own_or_global(payee.id, payee.id_scheme),
        node("ram:Name", payee.name),
        node("ram:SpecifiedLegalOrganization", identified("ram:ID", payee.legal_id, payee.legal_id_scheme)),
    )


def tax_representative_of(one: TaxRepresentative | None) -> Node | None:
    """The tax representative of the seller."""
    if one is None:
        return None
    return node(
        "ram:SellerTaxRepresentativeTradeParty",
        node("ram:Name", one.name),
        _address(one.address),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", one.vat_id, schemeID="VA")),
    )


def _own_or_global(id_: str | None, scheme: str | None) -> Node | None:
    return node("ram:GlobalID", id_, schemeID=scheme) if scheme else node("ram:ID", id_)
