"""Universal Business Language (OASIS UBL 2.1): the syntax of Peppol BIS Billing, and one of XRechnung's."""

import base64
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from invoicing.core.party import Address, Delivery, ElectronicAddress, Payee, TaxRepresentative
from invoicing.documents.einvoice.terms import (
    Adjustment,
    BusinessTerms,
    Identified,
    InvoiceLine,
    Party,
    PaymentMeans,
    Rated,
)
from invoicing.documents.einvoice.tree import Node, node, serialized
from invoicing.pricing.line import ItemClassification, Period
from invoicing.pricing.tax import TaxAmount, normal

_SCHEMA: Final = "urn:oasis:names:specification:ubl:schema:xsd"
_COMMON: Final[dict[str | None, str]] = {
    "cac": f"{_SCHEMA}:CommonAggregateComponents-2",
    "cbc": f"{_SCHEMA}:CommonBasicComponents-2",
}
_SEPA: Final = "SEPA"
_NORWEGIAN_REGISTER: Final = "Foretaksregisteret"
"""The tax number of companies in Norway's register, which has a tax scheme of its own (NO-R-002)."""
_CREDITS: Final = frozenset({"261", "381"})
_UNKNOWN: Final = "NA"
_OBJECT, _PROJECT = "130", "50"
"""The types of documents (UNTDID 1001) that mark the invoiced object and the project of a credit note."""


def ubl(terms: BusinessTerms) -> bytes:
    """A document as UBL: an Invoice, or a CreditNote, which is a document of its own there."""
    credit = terms.type_code in _CREDITS
    kind = "CreditNote" if credit else "Invoice"
    root = node(
        kind,
        node("cbc:CustomizationID", terms.specification),
        node("cbc:ProfileID", terms.process),
        node("cbc:ID", terms.number),
        _day("cbc:IssueDate", terms.issue_date),
        _day("cbc:DueDate", None if credit else terms.due_date),
        _day("cbc:TaxPointDate", terms.tax_point_date if credit else None),
        node(f"cbc:{kind}TypeCode", terms.type_code),
        [node("cbc:Note", f"#{code}#{text}" if code else text) for code, text in terms.notes],
        _day("cbc:TaxPointDate", None if credit else terms.tax_point_date),
        node("cbc:DocumentCurrencyCode", terms.currency),
        node("cbc:TaxCurrencyCode", terms.tax_currency),
        node("cbc:AccountingCost", terms.accounting_reference),
        node("cbc:BuyerReference", terms.buyer_reference),
        _period(terms.period, terms.tax_point_code),
        _orders(terms),
        [
            node(
                "cac:BillingReference",
                node(
                    "cac:InvoiceDocumentReference",
                    node("cbc:ID", reference.number),
                    _day("cbc:IssueDate", reference.issue_date),
                ),
            )
            for reference in terms.preceding
        ],
        node("cac:DespatchDocumentReference", node("cbc:ID", terms.despatch_advice)),
        node("cac:ReceiptDocumentReference", node("cbc:ID", terms.receiving_advice)),
        None if credit else _tender(terms),
        node("cac:ContractDocumentReference", node("cbc:ID", terms.contract)),
        _object("cac:AdditionalDocumentReference", terms.invoiced_object),
        _project_of_credit(terms) if credit else None,
        _attachments(terms),
        _supporting(terms),
        _tender(terms) if credit else node("cac:ProjectReference", node("cbc:ID", terms.project)),
        node("cac:AccountingSupplierParty", _party(terms.seller, creditor_id=terms.creditor_id)),
        node("cac:AccountingCustomerParty", _party(terms.buyer)),
        _payee(terms.payee),
        _tax_representative(terms.tax_representative),
        node(
            "cac:Delivery",
            _day("cbc:ActualDeliveryDate", terms.delivered_on),
            _delivered_to(terms.deliver_to),
        ),
        [_means(means, terms, terms.due_date if credit else None) for means in terms.means],
        node("cac:PaymentTerms", node("cbc:Note", terms.payment_terms)),
        [_adjustment(one, terms.currency) for one in terms.adjustments],
        node(
            "cac:TaxTotal",
            _amount("cbc:TaxAmount", terms.totals.tax, terms.currency),
            [_tax(tax, terms.currency) for tax in terms.taxes],
        ),
        node("cac:TaxTotal", _amount("cbc:TaxAmount", terms.totals.tax_in_tax_currency, terms.tax_currency or "")),
        _totals(terms),
        [_line(line, terms.currency, credit=credit) for line in terms.lines],
    )
    if root is None:
        raise ValueError("a document has contents")
    return serialized(root, {None: f"{_SCHEMA}:{kind}-2", **_COMMON})


def _orders(terms: BusinessTerms) -> Node | None:
    """The purchase order and the sales order; the first has to be there for the second."""
    order = terms.order or (_UNKNOWN if terms.sales_order else None)
    return node("cac:OrderReference", node("cbc:ID", order), node("cbc:SalesOrderID", terms.sales_order))


def _tender(terms: BusinessTerms) -> Node | None:
    return node("cac:OriginatorDocumentReference", node("cbc:ID", terms.tender))


def _project_of_credit(terms: BusinessTerms) -> Node | None:
    """A credit note has no element for its project."""
    if terms.project is None:
        return None
    return node(
        "cac:AdditionalDocumentReference", node("cbc:ID", terms.project), node("cbc:DocumentTypeCode", _PROJECT)
    )


def _object(name: str, thing: Identified | None) -> Node | None:
    """The object that is invoiced, by the document or by a line."""
    if thing is None:
        return None
    return node(name, _identified("cbc:ID", thing.id, thing.scheme), node("cbc:DocumentTypeCode", _OBJECT))


def _attachments(terms: BusinessTerms) -> Iterator[Node | None]:
    for attachment in terms.attachments:
        yield node(
            "cac:AdditionalDocumentReference",
            node("cbc:ID", attachment.id),
            node("cbc:DocumentDescription", attachment.description),
            node(
                "cac:Attachment",
                node(
                    "cbc:EmbeddedDocumentBinaryObject",
                    base64.b64encode(attachment.content).decode(),
                    mimeCode=attachment.content_type,
                    filename=attachment.name,
                ),
                node("cac:ExternalReference", node("cbc:URI", attachment.url)),
            ),
        )


def _supporting(terms: BusinessTerms) -> Iterator[Node | None]:
    """Supporting documents that are only referred to, with a link to those that are published."""
    for one in terms.supporting:
        yield node(
            "cac:AdditionalDocumentReference",
            node("cbc:ID", one.reference),
            node("cbc:DocumentDescription", one.description),
            node("cac:Attachment", node("cac:ExternalReference", node("cbc:URI", one.url))),
        )


def _party(party: Party, *, creditor_id: str | None = None) -> Node | None:
    return node(
        "cac:Party",
        _endpoint(party.endpoint),
        [node("cac:PartyIdentification", _identified("cbc:ID", one.id, one.scheme)) for one in party.identifiers],
        node("cac:PartyIdentification", node("cbc:ID", creditor_id, schemeID=_SEPA)),
        node("cac:PartyName", node("cbc:Name", party.trading_name)),
        _address("cac:PostalAddress", party.address),
        node("cac:PartyTaxScheme", node("cbc:CompanyID", party.vat_id), _scheme("VAT" if party.vat_id else None)),
        node(
            "cac:PartyTaxScheme",
            node("cbc:CompanyID", party.tax_number),
            _scheme(_registration(party.tax_number)),
        ),
        node(
            "cac:PartyLegalEntity",
            node("cbc:RegistrationName", party.name),
            _identified("cbc:CompanyID", party.legal_id, party.legal_id_scheme),
            node("cbc:CompanyLegalForm", party.legal_information),
        ),
        node(
            "cac:Contact",
            node("cbc:Name", party.contact),
            node("cbc:Telephone", party.phone),
            node("cbc:ElectronicMail", party.email),
        ),
    )


def _payee(payee: Payee | None) -> Node | None:
    if payee is None:
        return None
    return node(
        "cac:PayeeParty",
        node("cac:PartyIdentification", _identified("cbc:ID", payee.id, payee.id_scheme)),
        node("cac:PartyName", node("cbc:Name", payee.name)),
        node("cac:PartyLegalEntity", _identified("cbc:CompanyID", payee.legal_id, payee.legal_id_scheme)),
    )


def _tax_representative(one: TaxRepresentative | None) -> Node | None:
    if one is None:
        return None
    return node(
        "cac:TaxRepresentativeParty",
        node("cac:PartyName", node("cbc:Name", one.name)),
        _address("cac:PostalAddress", one.address),
        node("cac:PartyTaxScheme", node("cbc:CompanyID", one.vat_id), _scheme("VAT")),
    )


def _delivered_to(place: Delivery | None) -> Iterator[Node | None]:
    if place is not None:
        location = _identified("cbc:ID", place.location_id, place.location_id_scheme)
        yield node("cac:DeliveryLocation", location, _address("cac:Address", place.address))
        yield node("cac:DeliveryParty", node("cac:PartyName", node("cbc:Name", place.name)))


def _identified(name: str, id_: str | None, scheme: str | None) -> Node | None:
    return node(name, id_, schemeID=scheme) if scheme else node(name, id_)


def _endpoint(endpoint: ElectronicAddress | None) -> Node | None:
    return None if endpoint is None else node("cbc:EndpointID", endpoint.id, schemeID=endpoint.scheme)


def _address(name: str, address: Address | None) -> Node | None:
    if address is None:
        return None
    return node(
        name,
        node("cbc:StreetName", address.line1),
        node("cbc:AdditionalStreetName", address.line2),
        node("cbc:CityName", address.city),
        node("cbc:PostalZone", address.postal_code),
        node("cbc:CountrySubentity", address.region),
        node("cac:AddressLine", node("cbc:Line", address.line3)),
        node("cac:Country", node("cbc:IdentificationCode", address.country)),
    )


def _means(means: PaymentMeans, terms: BusinessTerms, due_date: date | None) -> Node | None:
    """A way to pay, which in a credit note has the due date: that is no element of the document there."""
    account, mandate, card = means.account, means.mandate, means.card
    return node(
        "cac:PaymentMeans",
        node("cbc:PaymentMeansCode", means.code, **({"name": means.text} if means.text else {})),
        _day("cbc:PaymentDueDate", due_date),
        node("cbc:PaymentID", terms.remittance),
        node(
            "cac:CardAccount",
            node("cbc:PrimaryAccountNumberID", card.last_digits if card else None),
            node("cbc:NetworkID", _UNKNOWN if card else None),
            node("cbc:HolderName", card.holder if card else None),
        ),
        node(
            "cac:PayeeFinancialAccount",
            node("cbc:ID", account.number if account else None),
            node("cbc:Name", means.account_holder),
            node("cac:FinancialInstitutionBranch", node("cbc:ID", account.bank if account else None)),
        ),
        node(
            "cac:PaymentMandate",
            node("cbc:ID", mandate.reference if mandate else None),
            node("cac:PayerFinancialAccount", node("cbc:ID", mandate.iban if mandate else None)),
        ),
    )


def _adjustment(one: Adjustment, currency: str) -> Node | None:
    return node(
        "cac:AllowanceCharge",
        node("cbc:ChargeIndicator", "true" if one.charge else "false"),
        node("cbc:AllowanceChargeReasonCode", one.code),
        node("cbc:AllowanceChargeReason", one.reason),
        node("cbc:MultiplierFactorNumeric", one.percent),
        _amount("cbc:Amount", one.amount, currency),
        _amount("cbc:BaseAmount", one.base, currency),
        _rated("cac:TaxCategory", one.tax),
    )


def _tax(tax: TaxAmount, currency: str) -> Node | None:
    return node(
        "cac:TaxSubtotal",
        _amount("cbc:TaxableAmount", tax.taxable, currency),
        _amount("cbc:TaxAmount", tax.tax, currency),
        node(
            "cac:TaxCategory",
            node("cbc:ID", tax.category),
            node("cbc:Percent", normal(tax.rate)),
            node("cbc:TaxExemptionReasonCode", tax.exemption_code),
            node("cbc:TaxExemptionReason", tax.exemption_reason),
            _scheme("VAT"),
        ),
    )


def _totals(terms: BusinessTerms) -> Node | None:
    totals = terms.totals
    amounts = (
        ("cbc:LineExtensionAmount", totals.lines),
        ("cbc:TaxExclusiveAmount", totals.without_tax),
        ("cbc:TaxInclusiveAmount", totals.with_tax),
        ("cbc:AllowanceTotalAmount", totals.allowances),
        ("cbc:ChargeTotalAmount", totals.charges),
        ("cbc:PrepaidAmount", totals.paid or None),
        ("cbc:PayableRoundingAmount", totals.rounding or None),
        ("cbc:PayableAmount", totals.due),
    )
    return node("cac:LegalMonetaryTotal", [_amount(name, amount, terms.currency) for name, amount in amounts])


def _line(line: InvoiceLine, currency: str, *, credit: bool) -> Node | None:
    return node(
        "cac:CreditNoteLine" if credit else "cac:InvoiceLine",
        node("cbc:ID", line.id),
        node("cbc:Note", line.note),
        node("cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity", line.quantity, unitCode=line.unit),
        _amount("cbc:LineExtensionAmount", line.net, currency),
        node("cbc:AccountingCost", line.accounting_reference),
        _period(line.period),
        node("cac:OrderLineReference", node("cbc:LineID", line.order_line)),
        _object("cac:DocumentReference", line.invoiced_object),
        [_adjustment(one, currency) for one in line.adjustments],
        node(
            "cac:Item",
            node("cbc:Description", line.description),
            node("cbc:Name", line.name),
            node("cac:BuyersItemIdentification", node("cbc:ID", line.buyer_item_id)),
            node("cac:SellersItemIdentification", node("cbc:ID", line.item_id)),
            _standard_item(line.standard_item),
            node("cac:OriginCountry", node("cbc:IdentificationCode", line.origin)),
            [_classification(one) for one in line.classifications],
            _rated("cac:ClassifiedTaxCategory", line.tax),
            [
                node("cac:AdditionalItemProperty", node("cbc:Name", name), node("cbc:Value", value))
                for name, value in line.attributes
            ],
        ),
        node(
            "cac:Price",
            _amount("cbc:PriceAmount", line.price, currency),
            node("cbc:BaseQuantity", line.base_quantity, unitCode=line.unit),
            _price_discount(line, currency),
        ),
    )


def _standard_item(item: Identified | None) -> Node | None:
    if item is None:
        return None
    return node("cac:StandardItemIdentification", _identified("cbc:ID", item.id, item.scheme))


def _classification(one: ItemClassification) -> Node | None:
    version = {} if one.version is None else {"listVersionID": one.version}
    code = node("cbc:ItemClassificationCode", one.id, listID=one.scheme, **version)
    return node("cac:CommodityClassification", code)


def _price_discount(line: InvoiceLine, currency: str) -> Node | None:
    """The gross price and its discount, which is zero if there is none: the syntax requires it."""
    if line.gross_price is None:
        return None
    return node(
        "cac:AllowanceCharge",
        node("cbc:ChargeIndicator", "false"),
        _amount("cbc:Amount", line.price_discount or Decimal(0), currency),
        _amount("cbc:BaseAmount", line.gross_price, currency),
    )


def _rated(name: str, tax: Rated | None) -> Node | None:
    if tax is None:
        return None
    return node(name, node("cbc:ID", tax.category), node("cbc:Percent", tax.rate), _scheme("VAT"))


def _registration(tax_number: str | None) -> str | None:
    if tax_number is None:
        return None
    return "TAX" if tax_number == _NORWEGIAN_REGISTER else "FC"


def _scheme(name: str | None) -> Node | None:
    return node("cac:TaxScheme", node("cbc:ID", name))


def _period(period: Period | None, tax_point_code: str | None = None) -> Node | None:
    start, end = (period.start, period.end) if period else (None, None)
    code = node("cbc:DescriptionCode", tax_point_code)
    return node("cac:InvoicePeriod", _day("cbc:StartDate", start), _day("cbc:EndDate", end), code)


def _day(name: str, day: date | None) -> Node | None:
    return node(name, day.isoformat() if day else None)


def _amount(name: str, amount: Decimal | None, currency: str) -> Node | None:
    return node(name, amount, currencyID=currency)
