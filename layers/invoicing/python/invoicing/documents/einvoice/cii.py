"""Cross Industry Invoice (UN/CEFACT CII D22B): the syntax of Factur-X/ZUGFeRD, and one of XRechnung's."""

import base64
from datetime import date
from typing import Final

from invoicing.documents.einvoice.cii_parties import delivered_to, identified, party_of, payee_of, tax_representative_of
from invoicing.documents.einvoice.terms import Adjustment, BusinessTerms, Identified, InvoiceLine, PaymentMeans, Rated
from invoicing.documents.einvoice.tree import Node, node, serialized
from invoicing.pricing.line import ItemClassification, Period
from invoicing.pricing.tax import TaxAmount, normal

_STANDARD: Final = "urn:un:unece:uncefact:data:standard"
NAMESPACES: Final[dict[str | None, str]] = {
    "rsm": f"{_STANDARD}:CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}:ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_STANDARD}:UnqualifiedDataType:100",
    "qdt": f"{_STANDARD}:QualifiedDataType:100",
}
_SUPPORTING, _OBJECT, _TENDER = "916", "130", "50"
"""The types of documents (UNTDID 1001) that mark a supporting document, the invoiced object and the tender."""
_TAX_POINTS: Final = {"3": "5", "35": "29", "432": "72"}
"""The codes of UNTDID 2475 that this syntax has in place of those of UNTDID 2005 (BT-8)."""
_PROJECT_NAME: Final = "Project reference"


def cii(terms: BusinessTerms) -> bytes:
    """A document as CII."""
    root = node(
        "rsm:CrossIndustryInvoice",
        node(
            "rsm:ExchangedDocumentContext",
            node("ram:BusinessProcessSpecifiedDocumentContextParameter", node("ram:ID", terms.process)),
            node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", terms.specification)),
        ),
        node(
            "rsm:ExchangedDocument",
            node("ram:ID", terms.number),
            node("ram:TypeCode", terms.type_code),
            _day("ram:IssueDateTime", terms.issue_date),
            [
                node("ram:IncludedNote", node("ram:Content", text), node("ram:SubjectCode", code))
                for code, text in terms.notes
            ],
        ),
        node(
            "rsm:SupplyChainTradeTransaction",
            [_line(line) for line in terms.lines],
            _agreement(terms),
            # The element is required, even if it is empty.
            Node("ram:ApplicableHeaderTradeDelivery", {}, None, _delivery(terms)),
            _settlement(terms),
        ),
    )
    if root is None:
        raise ValueError("a document has contents")
    return serialized(root, NAMESPACES)


def _line(line: InvoiceLine) -> Node | None:
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node(
            "ram:AssociatedDocumentLineDocument",
            node("ram:LineID", line.id),
            node("ram:IncludedNote", node("ram:Content", line.note)),
        ),
        node(
            "ram:SpecifiedTradeProduct",
            _standard_item(line.standard_item),
            node("ram:SellerAssignedID", line.item_id),
            node("ram:BuyerAssignedID", line.buyer_item_id),
            node("ram:Name", line.name),
            node("ram:Description", line.description),
            [
                node("ram:ApplicableProductCharacteristic", node("ram:Description", name), node("ram:Value", value))
                for name, value in line.attributes
            ],
            [_classification(one) for one in line.classifications],
            node("ram:OriginTradeCountry", node("ram:ID", line.origin)),
        ),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node("ram:BuyerOrderReferencedDocument", node("ram:LineID", line.order_line)),
            _gross_price(line),
            node(
                "ram:NetPriceProductTradePrice",
                node("ram:ChargeAmount", line.price),
                node("ram:BasisQuantity", line.base_quantity, unitCode=line.unit),
            ),
        ),
        node("ram:SpecifiedLineTradeDelivery", node("ram:BilledQuantity", line.quantity, unitCode=line.unit)),
        node(
            "ram:SpecifiedLineTradeSettlement",
            _rated("ram:ApplicableTradeTax", line.tax),
            _period(line.period),
            [_adjustment(one) for one in line.adjustments],
            node("ram:SpecifiedTradeSettlementLineMonetarySummation", node("ram:LineTotalAmount", line.net)),
            _object(line.invoiced_object),
            node("ram:ReceivableSpecifiedTradeAccountingAccount", node("ram:ID", line.accounting_reference)),
        ),
    )


def _standard_item(item: Identified | None) -> Node | None:
    return None if item is None else identified("ram:GlobalID", item.id, item.scheme)


def _classification(one: ItemClassification) -> Node | None:
    version = {} if one.version is None else {"listVersionID": one.version}
    code = node("ram:ClassCode", one.id, listID=one.scheme, **version)
    return node("ram:DesignatedProductClassification", code)


def _gross_price(line: InvoiceLine) -> Node | None:
    if line.gross_price is None:
        return None
    off = line.price_discount
    return node(
        "ram:GrossPriceProductTradePrice",
        node("ram:ChargeAmount", line.gross_price),
        node("ram:BasisQuantity", line.base_quantity, unitCode=line.unit),
        node(
            "ram:AppliedTradeAllowanceCharge",
            node("ram:ChargeIndicator", None if off is None else node("udt:Indicator", "false")),
            node("ram:ActualAmount", off),
        ),
    )


def _agreement(terms: BusinessTerms) -> Node | None:
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        node("ram:BuyerReference", terms.buyer_reference),
        party_of("ram:SellerTradeParty", terms.seller),
        party_of("ram:BuyerTradeParty", terms.buyer),
        tax_representative_of(terms.tax_representative),
        node("ram:SellerOrderReferencedDocument", node("ram:IssuerAssignedID", terms.sales_order)),
        node("ram:BuyerOrderReferencedDocument", node("ram:IssuerAssignedID", terms.order)),
        node("ram:ContractReferencedDocument", node("ram:IssuerAssignedID", terms.contract)),
        _tender(terms.tender),
        _object(terms.invoiced_object),
        [
            node(
                "ram:AdditionalReferencedDocument",
                node("ram:IssuerAssignedID", attachment.id),
                node("ram:URIID", attachment.url),
                node("ram:TypeCode", _SUPPORTING),
                node("ram:Name", attachment.description),
                node(
                    "ram:AttachmentBinaryObject",
                    base64.b64encode(attachment.content).decode(),
                    mimeCode=attachment.content_type,
                    filename=attachment.name,
                ),
            )
            for attachment in terms.attachments
        ],
        [
            node(
                "ram:AdditionalReferencedDocument",
                node("ram:IssuerAssignedID", one.reference),
                node("ram:URIID", one.url),
                node("ram:TypeCode", _SUPPORTING),
                node("ram:Name", one.description),
            )
            for one in terms.supporting
        ],
        _project(terms.project),
    )


def _tender(reference: str | None) -> Node | None:
    if reference is None:
        return None
    return node(
        "ram:AdditionalReferencedDocument",
        node("ram:IssuerAssignedID", reference),
        node("ram:TypeCode", _TENDER),
    )


def _object(thing: Identified | None) -> Node | None:
    """The object that is invoiced, by the document or by a line."""
    if thing is None:
        return None
    return node(
        "ram:AdditionalReferencedDocument",
        node("ram:IssuerAssignedID", thing.id),
        node("ram:TypeCode", _OBJECT),
        node("ram:ReferenceTypeCode", thing.scheme),
    )


def _project(reference: str | None) -> Node | None:
    """The project; the syntax requires a name too."""
    if reference is None:
        return None
    return node("ram:SpecifiedProcuringProject", node("ram:ID", reference), node("ram:Name", _PROJECT_NAME))


def _delivery(terms: BusinessTerms) -> list[Node]:
    parts = (
        delivered_to(terms.deliver_to),
        node(
            "ram:ActualDeliverySupplyChainEvent",
            _day("ram:OccurrenceDateTime", terms.delivered_on),
        ),
        node("ram:DespatchAdviceReferencedDocument", node("ram:IssuerAssignedID", terms.despatch_advice)),
        node("ram:ReceivingAdviceReferencedDocument", node("ram:IssuerAssignedID", terms.receiving_advice)),
    )
    return [part for part in parts if part is not None]


def _settlement(terms: BusinessTerms) -> Node | None:
    totals = terms.totals
    mandate = next((means.mandate for means in terms.means if means.mandate), None)
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:CreditorReferenceID", terms.creditor_id),
        node("ram:PaymentReference", terms.remittance),
        node("ram:TaxCurrencyCode", terms.tax_currency),
        node("ram:InvoiceCurrencyCode", terms.currency),
        payee_of(terms.payee),
        [_means(means) for means in terms.means],
        [_tax(tax, terms if place == 0 else None) for place, tax in enumerate(terms.taxes)],
        _period(terms.period),
        [_adjustment(one) for one in terms.adjustments],
        node(
            "ram:SpecifiedTradePaymentTerms",
            node("ram:Description", terms.payment_terms),
            _day("ram:DueDateDateTime", terms.due_date),
            node("ram:DirectDebitMandateID", mandate.reference if mandate else None),
        ),
        node(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            node("ram:LineTotalAmount", totals.lines),
            node("ram:ChargeTotalAmount", totals.charges),
            node("ram:AllowanceTotalAmount", totals.allowances),
            node("ram:TaxBasisTotalAmount", totals.without_tax),
            node("ram:TaxTotalAmount", totals.tax, currencyID=terms.currency),
            node("ram:TaxTotalAmount", totals.tax_in_tax_currency, currencyID=terms.tax_currency or ""),
            node("ram:RoundingAmount", totals.rounding or None),
            node("ram:GrandTotalAmount", totals.with_tax),
            node("ram:TotalPrepaidAmount", totals.paid or None),
            node("ram:DuePayableAmount", totals.due),
        ),
        [
            node(
                "ram:InvoiceReferencedDocument",
                node("ram:IssuerAssignedID", reference.number),
                _day("ram:FormattedIssueDateTime", reference.issue_date, "qdt:DateTimeString"),
            )
            for reference in terms.preceding
        ],
        node("ram:ReceivableSpecifiedTradeAccountingAccount", node("ram:ID", terms.accounting_reference)),
    )


def _means(means: PaymentMeans) -> Node | None:
    account, mandate, card = means.account, means.mandate, means.card
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        node("ram:TypeCode", means.code),
        node("ram:Information", means.text),
        node(
            "ram:ApplicableTradeSettlementFinancialCard",
            node("ram:ID", card.last_digits if card else None),
            node("ram:CardholderName", card.holder if card else None),
        ),
        node("ram:PayerPartyDebtorFinancialAccount", node("ram:IBANID", mandate.iban if mandate else None)),
        node(
            "ram:PayeePartyCreditorFinancialAccount",
            node("ram:IBANID", account.iban if account else None),
            node("ram:AccountName", means.account_holder),
            node("ram:ProprietaryID", account.account_number if account else None),
        ),
        node("ram:PayeeSpecifiedCreditorFinancialInstitution", node("ram:BICID", account.bank if account else None)),
    )


def _tax(tax: TaxAmount, terms: BusinessTerms | None) -> Node | None:
    """The tax of a rate. The first one has the tax point of the document (CII-SR-461)."""
    day, code = (terms.tax_point_date, terms.tax_point_code) if terms else (None, None)
    return node(
        "ram:ApplicableTradeTax",
        node("ram:CalculatedAmount", tax.tax),
        node("ram:TypeCode", "VAT"),
        node("ram:ExemptionReason", tax.exemption_reason),
        node("ram:BasisAmount", tax.taxable),
        node("ram:CategoryCode", tax.category),
        node("ram:ExemptionReasonCode", tax.exemption_code),
        _day("ram:TaxPointDate", day, "udt:DateString"),
        node("ram:DueDateTypeCode", _TAX_POINTS[code] if code else None),
        node("ram:RateApplicablePercent", normal(tax.rate)),
    )


def _rated(name: str, tax: Rated | None) -> Node | None:
    if tax is None:
        return None
    return node(
        name,
        node("ram:TypeCode", "VAT"),
        node("ram:CategoryCode", tax.category),
        node("ram:RateApplicablePercent", tax.rate),
    )


def _adjustment(one: Adjustment) -> Node | None:
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        node("ram:ChargeIndicator", node("udt:Indicator", "true" if one.charge else "false")),
        node("ram:CalculationPercent", one.percent),
        node("ram:BasisAmount", one.base),
        node("ram:ActualAmount", one.amount),
        node("ram:ReasonCode", one.code),
        node("ram:Reason", one.reason),
        _rated("ram:CategoryTradeTax", one.tax),
    )


def _period(period: Period | None) -> Node | None:
    if period is None:
        return None
    return node(
        "ram:BillingSpecifiedPeriod",
        _day("ram:StartDateTime", period.start),
        _day("ram:EndDateTime", period.end),
    )


def _day(name: str, day: date | None, inner: str = "udt:DateTimeString") -> Node | None:
    return node(name, node(inner, day.strftime("%Y%m%d") if day else None, format="102"))
