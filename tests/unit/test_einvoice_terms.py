"""Each term of an e-invoice has the value of the document, in every format."""

from typing import Any

import pytest

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from tests.builders import line_json
from tests.einvoices import TENANT, issued
from tests.unit.test_einvoice import Read

MEANS = ("//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode", "//cbc:PaymentMeansCode")  # BT-81
ACCOUNT = ("//ram:PayeePartyCreditorFinancialAccount/ram:IBANID", "//cac:PayeeFinancialAccount/cbc:ID")  # BT-84
CARD = ("//ram:ApplicableTradeSettlementFinancialCard/ram:ID", "//cac:CardAccount/cbc:PrimaryAccountNumberID")  # BT-87
HOLDER = ("//ram:PayeePartyCreditorFinancialAccount/ram:AccountName", "//cac:PayeeFinancialAccount/cbc:Name")  # BT-85
MANDATE = ("//ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID", "//cac:PaymentMandate/cbc:ID")  # BT-89
CREDITOR = ("//ram:CreditorReferenceID", "//cbc:ID[@schemeID='SEPA']")  # BT-90
DEBITED = ("//ram:PayerPartyDebtorFinancialAccount/ram:IBANID", "//cac:PayerFinancialAccount/cbc:ID")  # BT-91
[OURS] = TENANT.bank_accounts


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({}, {MEANS: "58", ACCOUNT: OURS.iban, HOLDER: TENANT.name, MANDATE: "", CARD: ""}),
        ({"currency": "USD"}, {MEANS: "30", ACCOUNT: OURS.iban}),
        (
            {
                "payment_method": "sepa_direct_debit",
                "mandate": {"reference": "M-7", "iban": "DE02120300000000202051", "signed_on": "2026-01-01"},
            },
            {
                MEANS: "59",
                MANDATE: "M-7",
                CREDITOR: "DE98ZZZ09999999999",
                DEBITED: "DE02120300000000202051",
                ACCOUNT: "",
            },
        ),
        (
            {"payment_method": "card", "card": {"last_digits": "4242", "holder": "Max Süß"}},
            {MEANS: "48", CARD: "4242", ACCOUNT: ""},
        ),
    ],
    ids=["SEPA transfer", "transfer", "direct debit", "card"],
)
def test_each_payment_means_has_its_code_and_its_fields(
    format_: XmlFormat, said: dict[str, Any], read: dict[tuple[str, str], str]
) -> None:
    found = Read(render_xml(issued(**said), format_), format_)
    assert {term: found.text(*term) for term in read} == read


@pytest.mark.parametrize("format_", FORMATS)
def test_delivery_and_references_of_the_buyer_are_included(format_: XmlFormat) -> None:
    found = Read(render_xml(issued(), format_), format_)
    to = "//ram:ShipToTradeParty/ram:PostalTradeAddress"
    place = "//cac:DeliveryLocation/cac:Address"
    read = {
        "BT-10": found.text("//ram:BuyerReference", "/*/cbc:BuyerReference"),
        "BT-13": found.text("//ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", "//cac:OrderReference/cbc:ID"),
        "BT-73": found.text("//ram:BillingSpecifiedPeriod/ram:StartDateTime/*", "/*/cac:InvoicePeriod/cbc:StartDate"),
        "BT-74": found.text("//ram:BillingSpecifiedPeriod/ram:EndDateTime/*", "/*/cac:InvoicePeriod/cbc:EndDate"),
        "BT-75": found.text(f"{to}/ram:LineOne", f"{place}/cbc:StreetName"),
        "BT-77": found.text(f"{to}/ram:CityName", f"{place}/cbc:CityName"),
        "BT-78": found.text(f"{to}/ram:PostcodeCode", f"{place}/cbc:PostalZone"),
    }
    assert {term: text.replace("-", "") if term in ("BT-73", "BT-74") else text for term, text in read.items()} == {
        "BT-10": "04011000-1234512345-06",
        "BT-13": "PO-77",
        "BT-73": "20260201",
        "BT-74": "20260228",
        "BT-75": "Rampe 2",
        "BT-77": "Leipzig",
        "BT-78": "04157",
    }


@pytest.mark.parametrize("format_", FORMATS)
def test_each_side_is_reached_under_the_address_of_its_network(format_: XmlFormat) -> None:
    root = Read(render_xml(issued(), format_), format_)
    both = root.parts("//ram:URIUniversalCommunication/ram:URIID", "//cbc:EndpointID")
    assert [(one.get("schemeID"), one.text) for one in both] == [
        ("9930", "DE123456788"),
        ("0204", "04011000-1234512345-06"),
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_only_the_xml_of_untaxed_documents_has_no_vat_ids(format_: XmlFormat) -> None:
    document = issued(lines=[line_json(tax={"category": "O"})])
    assert document.seller
    assert document.customer
    assert (document.seller.vat_id, document.customer.tax_id) == ("DE123456788", "DE136695976")
    xml = Read(render_xml(document, format_), format_)
    vat = ("//ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']", "//cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']")
    assert not xml.parts(*vat)
    taxed = Read(render_xml(issued(), format_), format_)
    assert len(taxed.parts(*vat)) == 2


@pytest.mark.parametrize("format_", FORMATS)
def test_the_pdf_shows_the_tax_currency_as_the_xml_does(format_: XmlFormat) -> None:
    document = issued(currency="USD", tax_currency="EUR", exchange_rate="0.9234")
    tax = "//ram:TaxTotalAmount[@currencyID='EUR']", "/*/cac:TaxTotal/cbc:TaxAmount[@currencyID='EUR']"
    assert Read(render_xml(document, format_), format_).text(*tax) == "17.54"
    assert letter(document.model_dump(mode="json"))["declared"] == [
        ["USt. in EUR (1 USD = 0,9234 EUR)", "17,54\u00a0€"]
    ]
