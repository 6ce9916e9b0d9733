"""Types of documents (BT-3): the codes that each format allows, and self-billed invoices with their roles turned."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.errors import Violation
from invoicing.core.party import (
    Address,
    BankAccount,
    Buyer,
    Contact,
    ElectronicAddress,
    PartyId,
    Seller,
    Supplier,
    TaxRepresentative,
)
from invoicing.core.stored_file import Logo
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.lifecycle import StatedType
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import InvoiceTable
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.self_billing import with_own_pointers, with_roles
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON, line_json
from tests.einvoices import BUYER, GERMAN_FORMATS, MOMENT, TENANT, issued
from tests.en16931 import places
from tests.national import french, romanian, unchecked
from tests.unit.test_einvoice import Read
from tests.unit.test_independent_reader import UNREAD_IN_UBL, read
from tests.validators import findings, peppol_rules

TYPE = ("//rsm:ExchangedDocument/ram:TypeCode", "//cbc:InvoiceTypeCode|//cbc:CreditNoteTypeCode")
TERMS = places("BT-20")
SELLER = ("//ram:SellerTradeParty/ram:Name", "//cac:AccountingSupplierParty//cbc:RegistrationName")
SELLER_VAT = (
    "//ram:SellerTradeParty//ram:ID[@schemeID='VA']",
    "//cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID",
)
BUYER_NAME = ("//ram:BuyerTradeParty/ram:Name", "//cac:AccountingCustomerParty//cbc:RegistrationName")
CODES: tuple[str, ...] = get_args(StatedType)
PLACE = Address(line1="Kai 1", postal_code="20457", city="Hamburg", country="DE")
COMMON: dict[str, Any] = {
    "name": "Full name",
    "trading_name": "Known name",
    "address": PLACE,
    "legal_id": "12345674",
    "legal_id_scheme": "0184",
    "electronic_address": ElectronicAddress(scheme="0088", id="4012345000009"),
}
FULL_BUYER = Buyer(
    **COMMON,
    type="person",
    first_name="Ada",
    last_name="Nord",
    emails=("ada@nord.example",),
    phone="+49 40 1",
    tax_id="DE136695976",
    party_id=PartyId(id="4012345000009", scheme="0088"),
    leitweg_id="04011000-1234512345-06",
    supplier=Supplier(tax_number="48/123/45678"),
)
FULL_SELLER = Seller(
    **COMMON,
    vat_id="DE136695976",
    tax_number="48/123/45678",
    party_ids=(PartyId(id="4012345000009", scheme="0088"),),
    legal_information="Amtsgericht Hamburg",
    tax_representative=TaxRepresentative(name="Vertreter", vat_id="DE136695976", address=PLACE),
    contact=Contact(name="Ada Nord", phone="+49 40 1", email="ada@nord.example"),
    bank_accounts=(BankAccount(id="main", iban="DE02120300000000202051"),),
    creditor_id="DE98ZZZ09999999999",
    logo=Logo(id="file_1", sha256="0" * 64, size=1, width=1, height=1),
)
ONLY_OF_BUYERS = {"type", "leitweg_id"}
"""The fields of a buyer that a seller does not have in EN 16931."""
ONLY_OF_SELLERS = {
    "tax_number", "legal_information", "tax_representative", "bank_accounts", "creditor_id", "logo",
    "units",
}  # fmt: skip
"""The fields of a seller that a buyer does not have in EN 16931."""
SUPPLIER: dict[str, Any] = {
    "tax_number": "12/345/67890",
    "party_ids": [{"id": "L-4711"}],
    "legal_information": "Amtsgericht Leipzig, HRB 7",
    "tax_representative": {"name": "Steuer GmbH", "vat_id": "ATU13585627", "address": {"country": "AT"}},
    "bank_accounts": [{"id": "one", "iban": "DE75 5121 0800 1245 1261 99", "bic": "SOGEDEFFXXX"}],
}


def of_type(code: str, **fields: Any) -> Invoice:
    purpose = "deposit" if code == "386" else "standard"
    return issued(type_code=code, purpose=purpose, references=[{"number": "INV-1"}], buyer_reference="B-7", **fields)


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_each_format_allows_its_types(format_: XmlFormat) -> None:
    written = {}
    for code in CODES:
        document = of_type(code, buyer={"electronic_address": {"scheme": "0088", "id": "4012345000009"}})
        found = [(one.pointer, one.code) for one in broken_rules(with_roles(document), format_)]
        xml = render_xml(document, format_)
        if found:
            assert found == [("/type_code", FORMATS[format_].types_rule)]
            continue
        assert [one for one in findings(xml, format_) if one.fatal or one.rule == "BR-DE-17"] == []
        written[code] = Read(xml, format_).text(*TYPE)
    expected = {code: code for code in CODES if code in FORMATS[format_].types}
    assert written == ({**expected, "386": "326"} if "386" not in expected else expected)


@pytest.mark.parametrize("format_", ["xrechnung_cii", "xrechnung_ubl", "peppol", "facturx_fr"])
def test_each_refused_type_is_refused_officially(format_: XmlFormat) -> None:
    row = FORMATS[format_]
    refused = [code for code in CODES if code not in (*row.types, "386")]
    assert refused
    for code in refused:
        document = unchecked(french, type_code=code) if "france" in row.rules else of_type(code)
        assert [one.code for one in broken_rules(document, format_) if one.pointer == "/type_code"] == [row.types_rule]
        found = {one.rule.partition("_")[0] for one in findings(render_xml(document, format_), format_)}
        assert row.types_rule in found or (format_ == "peppol" and peppol_rules() is None)


def test_romania_allows_the_types_of_its_list() -> None:
    # BR-RO-020 as Romania publishes it; no package has its Schematron.
    assert FORMATS["cius_ro"].types == {"380", "381", "384", "389", "751"}
    for code in set(CODES) - {"386"}:
        document = unchecked(romanian, type_code=code, references=[{"number": "INV-1"}])
        found = [one.code for one in broken_rules(with_roles(document), "cius_ro") if one.pointer == "/type_code"]
        assert found == ([] if code in ("380", "381", "384", "389", "751") else ["BR-RO-020"])


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


def turned_by_field(party: Seller | Buyer, role: str) -> set[str]:
    """The fields of a party that change the other role of a self-billed invoice."""
    document = of_type("389")
    other = {"customer": "seller", "seller": "customer"}[role]

    def turned(one: Seller | Buyer) -> Any:
        return getattr(with_roles(document.model_copy(update={role: one})), other)

    changed = set()
    for name, field in type(party).model_fields.items():
        lacking = {"name": "Other", "address": PLACE.model_copy(update={"city": "Bremen"})}.get(name, field.default)
        assert getattr(party, name) != lacking, f"the full party has no {name}"
        if turned(party.model_copy(update={name: lacking})) != turned(party):
            changed.add(name)
    return changed


def test_turned_roles_keep_every_field_with_a_counterpart() -> None:
    assert Buyer.model_fields.keys() - turned_by_field(FULL_BUYER, "customer") == ONLY_OF_BUYERS
    assert Seller.model_fields.keys() - turned_by_field(FULL_SELLER, "seller") == ONLY_OF_SELLERS
    document = of_type("389").model_copy(update={"seller": FULL_SELLER, "customer": FULL_BUYER})
    turned = with_roles(document)
    assert turned.seller is not None
    assert turned.customer is not None
    assert turned.seller.party_ids == (FULL_BUYER.party_id,)
    assert turned.customer.party_id == FULL_SELLER.party_ids[0]
    assert {name: getattr(turned.seller, name) for name in COMMON} == COMMON
    assert {name: getattr(turned.customer, name) for name in COMMON} == COMMON


def pointers_into(annotation: Any, at: str) -> Iterator[str]:
    """The pointers to every field of a model, with 0 for the place in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield f"{at}/{name}"
            yield from pointers_into(field.annotation, f"{at}/{name}")
        return
    within = f"{at}/0" if get_origin(annotation) is tuple else at
    if within != at:
        yield within
    for inner in get_args(annotation):
        yield from pointers_into(inner, within)


OF_PARTIES = {
    "/seller", "/customer", "/seller/number_series",
    *pointers_into(Seller, "/seller"), *pointers_into(Buyer, "/customer"),
}  # fmt: skip
OF_SELF_BILLED = OF_PARTIES | {"/payment_means_code"}


def test_turned_pointers_name_existing_fields() -> None:
    document = of_type("389")
    broken = [Violation(pointer, "BR-1", "") for pointer in sorted(OF_PARTIES)]
    turned = {one.pointer: to.pointer for one, to in zip(broken, with_own_pointers(broken, document), strict=True)}
    assert set(turned.values()) - OF_SELF_BILLED == set()
    expected = {
        "/seller/tax_number": "/customer/supplier/tax_number",
        "/seller/number_series": "/seller/number_series",
        "/seller/party_ids/0/id": "/customer/party_id/id",
        "/customer/party_id/scheme": "/seller/party_ids/0/scheme",
        "/seller/bank_accounts/0/iban": "/customer/supplier/bank_accounts/0/iban",
        "/seller/creditor_id": "/payment_means_code",
        "/seller/legal_id_scheme": "/customer/legal_id_scheme",
        "/customer/emails/0": "/seller/contact/email",
        "/seller/tax_representative/address/city": "/customer/supplier/tax_representative/address/city",
    }
    assert {pointer: turned[pointer] for pointer in expected} == expected


@pytest.mark.parametrize("format_", ["zugferd", "xrechnung", "peppol"])
@pytest.mark.parametrize("country", ["DE", "DK", "IS", "IT", "GR", "NL", "NO", "SE"])
def test_refusals_of_a_poor_supplier_name_its_fields(format_: str, country: str) -> None:
    lacking = dict.fromkeys(("tax_id", "legal_id", "phone", "first_name", "last_name", "leitweg_id"))
    poor: dict[str, Any] = {**lacking, "emails": [], "address": {"country": country}, "einvoice_format": format_}
    with pytest.raises(En16931RuleBroken) as refused:
        of_type("389", buyer=poor, lines=[line_json(unit_price="500")])
    pointers = {one.pointer for one in refused.value.errors}
    assert {one for one in pointers if one.startswith(("/seller", "/customer"))} - OF_SELF_BILLED == set()
    if country == "DE":
        assert "/customer/supplier/tax_number" in pointers


@pytest.mark.parametrize(
    ("method", "code", "rule", "pointer"),
    [
        ("bank_transfer", "58", "BR-61", "/customer/supplier/bank_accounts"),
        ("bank_transfer", "30", "BR-61", "/customer/supplier/bank_accounts"),
        ("sepa_direct_debit", "59", "BR-DE-30", "/payment_means_code"),
    ],
)
def test_self_billing_refuses_means_without_their_account(method: str, code: str, rule: str, pointer: str) -> None:
    mandate = {"reference": "M-1", "iban": "DE02120300000000202051"} if method == "sepa_direct_debit" else None
    with pytest.raises(En16931RuleBroken) as refused:
        of_type(
            "389", buyer={"einvoice_format": "xrechnung"},
            payment_method=method, payment_means_code=code, mandate=mandate,
        )  # fmt: skip
    (found,) = refused.value.errors
    assert (found.pointer, found.code) == (pointer, rule)


SUPPLIER_TERMS = {
    "BT-29": {"4012345000009", "L-4711"},
    "BT-32": {"12/345/67890"},
    "BT-33": {"Amtsgericht Leipzig, HRB 7"},
    "BT-63": {"ATU13585627"},
    "BT-81": {"58"},
    "BT-84": {"DE75512108001245126199"},
    "BT-85": {"Bäckerei Süß & Söhne <KG>"},
    "BT-86": {"SOGEDEFFXXX"},
}


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_a_self_billed_invoice_has_each_term_of_its_supplier(format_: XmlFormat) -> None:
    party_id = {"id": "4012345000009", "scheme": "0088"}
    supplier = {"party_id": party_id, "electronic_address": party_id, "supplier": SUPPLIER}
    document = of_type("389", buyer=supplier, bank_account_id="main")
    assert list(broken_rules(with_roles(document), format_)) == []
    xml = render_xml(document, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    ours, theirs = Read(xml, format_), read(xml)
    assert {term: {*ours.texts(*places(term))} for term in SUPPLIER_TERMS} == SUPPLIER_TERMS
    unread = UNREAD_IN_UBL if FORMATS[format_].syntax == "ubl" else set()
    assert {term: theirs[term] for term in SUPPLIER_TERMS.keys() - unread} == {
        term: values for term, values in SUPPLIER_TERMS.items() if term not in unread
    }


def test_self_billing_is_a_process_of_its_own_in_peppol() -> None:
    document = of_type("389")
    note = cancellation(document, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    for one, code in ((document, "389"), (note, "261")):
        read_ = Read(render_xml(one, "peppol"), "peppol")
        assert [read_.text(*places(term)) for term in ("BT-3", "BT-23", "BT-24")] == [
            code,
            "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
            "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
        ]
    assert "poacc:billing:01:1.0" in Read(render_xml(issued(), "peppol"), "peppol").text(*places("BT-23"))


def test_only_self_billed_invoices_have_the_data_of_suppliers() -> None:
    ordinary, self_billed = issued(buyer={"supplier": SUPPLIER}), of_type("389", buyer={"supplier": SUPPLIER})
    assert ordinary.customer is not None
    assert self_billed.customer is not None
    assert (ordinary.customer.supplier is None, self_billed.customer.supplier is None) == (True, False)


def test_the_pages_of_self_billing_show_the_supplier() -> None:
    made = letter(of_type("389", buyer={"supplier": SUPPLIER}, language="de").listed)
    assert "Angaben zum Lieferanten: Amtsgericht Leipzig, HRB 7" in made["remarks"]
    assert ["Ihre Kennung", "L-4711"] in made["facts"]
    assert ["Ihre Steuernummer", "12/345/67890"] in made["facts"]
    assert any("Steuer GmbH" in remark and "ATU13585627" in remark for remark in made["remarks"])
    [account] = made["payment"]["accounts"]
    assert "DE75 5121 0800 1245 1261 99" in str(account)
    assert made["payment"]["code"] is None


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_self_billed_pages_show_the_payment_terms_of_the_xml(format_: XmlFormat) -> None:
    terms = {"days": 14, "discount_percent": "2", "discount_days": 7}
    stated = {"payment_terms_text": "Eigentumsvorbehalt", "payment_means_text": "Sammelüberweisung"}
    document = of_type("389", buyer={"supplier": SUPPLIER}, language="de", payment_terms=terms, **stated)
    [_, *shown] = letter(document.listed)["payment"]["sentences"]
    discount = "2\xa0% Skonto bei Zahlung bis zum 17.03.2026."
    assert shown == ["Sammelüberweisung", discount, "Eigentumsvorbehalt"]
    written = Read(render_xml(document, format_), format_).text(*TERMS)
    structured = "xrechnung" in FORMATS[format_].rules
    assert written.split("\n") == ["#SKONTO#TAGE=7#PROZENT=2.00#" if structured else discount, "Eigentumsvorbehalt"]


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
        ("387", "de", "Mietrechnung"),
        ("393", "en", "Factored invoice"),
        ("204", "fr", "Évaluation de paiement"),
    ],
)
def test_the_pages_name_the_type(code: str, language: str, name: str) -> None:
    made = letter(of_type(code, language=language).listed)
    assert made["title"] == f"{name} INV-2026-000001"
    if code == "389":
        assert (made["payment"]["accounts"], made["payment"]["code"]) == ([], None)
        assert "119,00" in made["payment"]["sentences"][0] or "119.00" in made["payment"]["sentences"][0]
