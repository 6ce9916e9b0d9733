"""The validators themselves: each rule detects its violation, so that a clean result is meaningful."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from invoicing.core.einvoice import XmlFormat
from invoicing.documents.einvoice import EmbeddedFile, render_xml
from tests import validators
from tests.builders import line_json
from tests.einvoices import GERMAN_FORMATS, issued
from tests.unit.test_einvoice import PREFIXES
from tests.validators import NothingEvaluated, Rules, broken_rules, findings

Change = Callable[[Any], None]


def to(text: str) -> Change:
    """Replaces a text."""

    def change(element: Any) -> None:
        element.text = text

    return change


def plus(amount: str) -> Change:
    """Multiplies an amount."""

    def change(element: Any) -> None:
        element.text = str(Decimal(element.text) + Decimal(amount))

    return change


def attribute(name: str, text: str) -> Change:
    """Replaces an attribute."""

    def change(element: Any) -> None:
        element.set(name, text)

    return change


def gone(element: Any) -> None:
    """Removes an element."""
    element.getparent().remove(element)


def twice(element: Any) -> None:
    """Repeats an element."""
    element.addnext(etree.fromstring(etree.tostring(element)))


SUMS, HEADER = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation", "//ram:ApplicableHeaderTradeSettlement"
TAX = f"{HEADER}/ram:ApplicableTradeTax[ram:CategoryCode='S']"
EXEMPT = f"{HEADER}/ram:ApplicableTradeTax[ram:CategoryCode='E']"
LINE = "(//ram:IncludedSupplyChainTradeLineItem)[1]"
SELLER, BUYER = "//cac:AccountingSupplierParty/cac:Party", "//cac:AccountingCustomerParty/cac:Party"

MUTATIONS: list[tuple[XmlFormat, str, Change, str]] = [
    ("zugferd", f"{SUMS}/ram:LineTotalAmount", plus("0.01"), "BR-CO-10"),
    ("zugferd", f"{SUMS}/ram:AllowanceTotalAmount", plus("0.01"), "BR-CO-11"),
    ("zugferd", f"{SUMS}/ram:ChargeTotalAmount", plus("0.01"), "BR-CO-12"),
    ("zugferd", f"{SUMS}/ram:TaxBasisTotalAmount", plus("0.01"), "BR-CO-13"),
    ("zugferd", f"{SUMS}/ram:TaxTotalAmount", plus("0.01"), "BR-CO-14"),
    ("zugferd", f"{SUMS}/ram:GrandTotalAmount", plus("0.01"), "BR-CO-15"),
    ("zugferd", f"{SUMS}/ram:DuePayableAmount", plus("-0.01"), "BR-CO-16"),
    ("zugferd", f"{TAX}/ram:CalculatedAmount", plus("2"), "BR-CO-17"),
    ("zugferd", f"{TAX}/ram:BasisAmount", plus("-0.01"), "BR-S-08"),
    ("zugferd", f"{TAX}/ram:RateApplicablePercent", to("0"), "BR-S-09"),
    ("zugferd", f"{LINE}//ram:RateApplicablePercent", to("0"), "BR-S-05"),
    ("zugferd", f"{EXEMPT}/ram:ExemptionReason", gone, "BR-E-10"),
    ("zugferd", f"{EXEMPT}/ram:CategoryCode", to("Z"), "BR-Z-10"),
    ("zugferd", "//ram:BuyerTradeParty/ram:Name", gone, "BR-07"),
    ("zugferd", "//ram:SellerTradeParty/ram:Name", gone, "BR-06"),
    ("zugferd", "//ram:SellerTradeParty/ram:SpecifiedTaxRegistration", gone, "BR-S-02"),
    ("zugferd", "//ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']", to("123"), "BR-CO-09"),
    ("zugferd", "//rsm:ExchangedDocument/ram:ID", gone, "BR-02"),
    ("xrechnung_cii", "//rsm:ExchangedDocument/ram:TypeCode", to("999"), "BR-CL-01"),
    ("xrechnung_cii", f"{HEADER}/ram:InvoiceCurrencyCode", to("DEM"), "BR-CL-04"),
    ("xrechnung_cii", "//ram:BilledQuantity", attribute("unitCode", "STUECK"), "BR-CL-23"),
    ("xrechnung_cii", "//ram:BuyerTradeParty//ram:CountryID", to("XX"), "BR-CL-14"),
    ("zugferd", f"{LINE}//ram:NetPriceProductTradePrice/ram:ChargeAmount", to("-1"), "BR-27"),
    ("zugferd", f"{LINE}//ram:CategoryCode", to("K"), "BR-IC-05"),
    ("zugferd", f"{LINE}//ram:CategoryCode", to("AE"), "BR-AE-05"),
    ("zugferd", f"{LINE}/ram:SpecifiedTradeProduct/ram:Name", gone, "BR-25"),
    ("zugferd", f"{LINE}//ram:LineTotalAmount", to("1.234"), "BR-DEC-23"),
    ("zugferd", f"{LINE}//ram:SpecifiedTradeAllowanceCharge/*[contains(name(), 'Reason')]", gone, "BR-42"),
    ("xrechnung_cii", f"{HEADER}/ram:BillingSpecifiedPeriod/ram:EndDateTime/*", to("20260101"), "BR-29"),
    ("xrechnung_cii", "//ram:BuyerReference", gone, "BR-DE-15"),
    ("xrechnung_cii", "//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", to("urn:x"), "BR-DE-21"),
    ("xrechnung_cii", "//ram:URIUniversalCommunication/ram:URIID", attribute("schemeID", "XX"), "BR-CL-25"),
    ("xrechnung_ubl", "//cbc:PayableAmount", plus("0.01"), "BR-CO-16"),
    ("xrechnung_ubl", "//cac:TaxTotal/cbc:TaxAmount", plus("0.01"), "BR-CO-14"),
    ("xrechnung_ubl", "//cac:PaymentMeans", gone, "BR-DE-1"),
    ("xrechnung_ubl", f"{SELLER}/cac:Contact/cbc:Telephone", gone, "BR-DE-6"),
    ("xrechnung_ubl", f"{SELLER}/cac:PostalAddress/cbc:CityName", gone, "BR-DE-3"),
    ("xrechnung_ubl", f"{BUYER}/cac:PostalAddress/cbc:PostalZone", gone, "BR-DE-9"),
    ("xrechnung_ubl", "//cac:DeliveryLocation//cbc:CityName", gone, "BR-DE-10"),
    ("xrechnung_ubl", "//cbc:InvoiceTypeCode", to("386"), "BR-DE-17"),
    ("xrechnung_ubl", "//cac:PaymentTerms/cbc:Note", to("#SKONTO#TAGE=7#PROZENT=2#"), "BR-DE-18"),
    ("xrechnung_ubl", "//cac:PayeeFinancialAccount/cbc:ID", to("DE00512108001245126199"), "BR-DE-19"),
    ("xrechnung_ubl", "//cac:AdditionalDocumentReference", twice, "BR-DE-22"),
    ("xrechnung_ubl", "//cbc:EmbeddedDocumentBinaryObject", attribute("mimeCode", "text/html"), "BR-CL-24"),
    ("xrechnung_ubl", "//cac:PayeeFinancialAccount", gone, "BR-61"),
    ("peppol", "//cbc:ProfileID", gone, "PEPPOL-EN16931-R001"),
    ("peppol", f"{SELLER}/cbc:EndpointID", gone, "PEPPOL-EN16931-R020"),
    ("peppol", f"{BUYER}/cbc:EndpointID", gone, "PEPPOL-EN16931-R010"),
    ("peppol", "//cac:InvoiceLine/cbc:LineExtensionAmount", plus("0.03"), "PEPPOL-EN16931-R120"),
    ("peppol", "(//cac:AllowanceCharge[cbc:BaseAmount])[1]/cbc:Amount", plus("0.03"), "PEPPOL-EN16931-R040"),
    ("peppol", "(//cac:AllowanceCharge[cbc:BaseAmount])[1]/cbc:BaseAmount", gone, "PEPPOL-EN16931-R041"),
    ("peppol", "//cac:InvoiceLine/cac:InvoicePeriod/cbc:EndDate", to("2027-01-01"), "PEPPOL-EN16931-R111"),
    ("peppol", "//cbc:Note", to(" "), "PEPPOL-EN16931-R008"),
]


@pytest.fixture(scope="module")
def sound() -> dict[XmlFormat, bytes]:
    """A valid document, in every format."""
    lines = [
        line_json(discount={"percent": "5"}, period={"start": "2026-02-02", "end": "2026-02-20"}),
        line_json(tax={"category": "E", "exemption_reason": "§ 4 Nr. 21 UStG"}),
    ]
    document = issued(lines=lines, discount={"percent": "10"}, shipping={"amount": "4.90"})
    drawing = EmbeddedFile("Zeichnung.pdf", "application/pdf", b"%PDF-1.7", "Zeichnung")
    return {format_: render_xml(document, format_, [drawing]) for format_ in GERMAN_FORMATS}


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_valid_documents_break_no_rule(sound: dict[XmlFormat, bytes], format_: XmlFormat) -> None:
    assert [one for one in findings(sound[format_], format_) if one.fatal] == []


@pytest.mark.parametrize(
    ("format_", "place", "change", "rule"), MUTATIONS, ids=[f"{one[0]}-{one[3]}" for one in MUTATIONS]
)
def test_each_defect_breaks_its_rule(
    sound: dict[XmlFormat, bytes], format_: XmlFormat, place: str, change: Change, rule: str
) -> None:
    document = etree.fromstring(sound[format_])
    places: list[Any] = list(document.xpath(place, namespaces=PREFIXES))
    assert places, "there is nothing to change"
    for element in places:
        change(element)
    assert rule not in {one.rule for one in broken_rules(sound[format_], format_)}
    assert rule in {one.rule for one in broken_rules(etree.tostring(document), format_)}


def test_elements_in_another_order_are_no_invoice(sound: dict[XmlFormat, bytes]) -> None:
    for format_, xml in sound.items():
        document = etree.fromstring(xml)
        document.append(document[0])
        assert [one.rule for one in findings(etree.tostring(document), format_)][:1] == ["XSD"]


def test_a_run_in_which_nothing_was_evaluated_fails(
    sound: dict[XmlFormat, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_syntax = [Rules(validators.rules_of("zugferd")[0].path)]
    monkeypatch.setattr(validators, "rules_of", lambda _: other_syntax)
    with pytest.raises(NothingEvaluated):
        broken_rules(sound["peppol"], "peppol")


def test_missing_rules_are_an_error() -> None:
    with pytest.raises(Exception, match="no_such_rules"):
        list(validators.findings_of(b"<a/>", Rules(Path("no_such_rules.xslt"))))
