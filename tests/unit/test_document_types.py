"""Types of documents (BT-3): the codes that each format allows, and self-billed invoices with their roles turned."""

from typing import Any, get_args

import pytest

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.lifecycle import StatedType
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import InvoiceTable
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON
from tests.einvoices import BUYER, MOMENT, TENANT, issued
from tests.unit.test_einvoice import Read
from tests.validators import findings

TYPE = ("//rsm:ExchangedDocument/ram:TypeCode", "//cbc:InvoiceTypeCode|//cbc:CreditNoteTypeCode")
SELLER = ("//ram:SellerTradeParty/ram:Name", "//cac:AccountingSupplierParty//cbc:RegistrationName")
SELLER_VAT = (
    "//ram:SellerTradeParty//ram:ID[@schemeID='VA']",
    "//cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID",
)
BUYER_NAME = ("//ram:BuyerTradeParty/ram:Name", "//cac:AccountingCustomerParty//cbc:RegistrationName")
CODES: tuple[str, ...] = get_args(StatedType)


def of_type(code: str, **fields: Any) -> Invoice:
    purpose = "deposit" if code == "386" else "standard"
    return issued(type_code=code, purpose=purpose, references=[{"number": "INV-1"}], buyer_reference="B-7", **fields)


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_allows_its_types(format_: XmlFormat) -> None:
    written = {}
    for code in CODES:
        document = of_type(code)
        found = [(one.pointer, one.code) for one in broken_rules(document, format_)]
        xml = render_xml(document, format_)
        if found:
            assert found == [("/type_code", FORMATS[format_].types_rule)]
            continue
        assert [one for one in findings(xml, format_) if one.fatal or one.rule == "BR-DE-17"] == []
        written[code] = Read(xml, format_).text(*TYPE)
    expected = {code: code for code in CODES if code in FORMATS[format_].types}
    assert written == ({**expected, "386": "326"} if "386" not in expected else expected)


def test_peppol_allows_two_types_between_germans_only() -> None:
    austrian = {**BUYER["address"], "country": "AT"}
    for code in CODES:
        found = [one.code for one in broken_rules(of_type(code, buyer={"address": austrian}), "peppol")]
        assert ("PEPPOL-EN16931-P0112" in found) == (code in ("326", "384"))


@pytest.mark.parametrize("format_", ["zugferd", "xrechnung_cii", "xrechnung_ubl"])
def test_a_self_billed_invoice_turns_the_roles(format_: XmlFormat) -> None:
    document = of_type("389")
    assert document.seller is not None
    assert document.seller.name == TENANT.name, "the tenant issues it"
    note = cancellation(document, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    credit = "261" if format_ == "zugferd" else "381"
    for one, code in ((document, "389"), (note, credit)):
        xml = render_xml(one, format_)
        assert [found for found in findings(xml, format_) if found.fatal] == []
        read = Read(xml, format_)
        assert (read.text(*TYPE), read.text(*SELLER), read.text(*BUYER_NAME)) == (code, BUYER["name"], TENANT.name)
        assert read.text(*SELLER_VAT) == BUYER["tax_id"]


def test_a_self_billed_invoice_is_never_dunned() -> None:
    lists = {code: InvoiceTable().attributes(of_type(code), TENANT.id) for code in ("380", "389")}
    assert {code: "GSI5PK" in one for code, one in lists.items()} == {"380": True, "389": False}


def test_rules_name_the_fields_of_the_supplier() -> None:
    supplier = {"tax_id": None, "legal_id": None, "einvoice_format": "xrechnung", "phone": None}
    with pytest.raises(En16931RuleBroken) as refused:
        of_type("389", buyer=supplier)
    found = {(one.pointer, one.code) for one in refused.value.errors}
    assert ("/customer/phone", "BR-DE-6") in found
    assert {pointer for pointer, _ in found if "seller" in pointer} == set()
    assert ("/lines/0/tax", "BR-S-02") in found


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("389", "de", "Gutschrift"),
        ("389", "en", "Self-billing invoice"),
        ("389", "fr", "Autofacturation"),
        ("384", "de", "Korrigierte Rechnung"),
        ("877", "de", "Schlussrechnung"),
        ("326", "en", "Partial invoice"),
        ("380", "fr", "Facture"),
        ("386", "de", "Anzahlungsrechnung"),
    ],
)
def test_the_pages_name_the_type(code: str, language: str, name: str) -> None:
    made = letter(of_type(code, language=language).listed)
    assert made["title"] == f"{name} INV-2026-000001"
    if code == "389":
        assert (made["payment"]["accounts"], made["payment"]["code"]) == ([], None)
        assert "119,00" in made["payment"]["sentences"][0] or "119.00" in made["payment"]["sentences"][0]
