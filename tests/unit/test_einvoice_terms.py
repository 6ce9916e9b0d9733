"""Each term of an e-invoice has the value of the document, in every format."""

from decimal import Decimal
from typing import Any, get_args

import pytest

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.party import Address, BankAccount, PartyId, TaxRepresentative
from invoicing.documents.einvoice import render_xml
from invoicing.documents.einvoice.mapping import terms_of
from invoicing.documents.letter import letter
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.payments.model import CODES_OF, MeansCode
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, TENANT, issued
from tests.en16931 import places
from tests.unit.test_einvoice import Read
from tests.unit.test_independent_reader import read
from tests.validators import findings

MEANS, TEXT, ACCOUNT, HOLDER, BANK = (places(term) for term in ("BT-81", "BT-82", "BT-84", "BT-85", "BT-86"))
CARD, MANDATE, CREDITOR, DEBITED = (places(term) for term in ("BT-87", "BT-89", "BT-90", "BT-91"))
[OURS] = TENANT.bank_accounts
BANKGIRO = BankAccount(id="main", account_number="5050-1055", bank_code="SE:BANKGIRO", account_holder="Nordlicht AB")
MANDATE_OF_7: dict[str, Any] = {"reference": "M-7", "iban": "DE02120300000000202051", "signed_on": "2026-01-01"}


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
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
        (
            {"tenant": TENANT.model_copy(update={"bank_accounts": (BANKGIRO,)}), "currency": "SEK"},
            {MEANS: "30", ACCOUNT: "5050-1055", BANK: "SE:BANKGIRO", HOLDER: "Nordlicht AB", TEXT: ""},
        ),
        (
            {"payment_means_code": "31", "payment_means_text": "Überweisung"},
            {MEANS: "31", TEXT: "Überweisung", ACCOUNT: OURS.iban, BANK: OURS.bic},
        ),
        (
            {"payment_method": "card", "payment_means_code": "54", "card": {"last_digits": "4242"}},
            {MEANS: "54", CARD: "4242", ACCOUNT: ""},
        ),
        (
            {"payment_method": "sepa_direct_debit", "payment_means_code": "49", "mandate": MANDATE_OF_7},
            {MEANS: "49", MANDATE: "M-7", DEBITED: "DE02120300000000202051", ACCOUNT: ""},
        ),
        ({"payment_method": "cash"}, {MEANS: "10", MANDATE: "", CREDITOR: ""}),
    ],
    ids=["SEPA transfer", "transfer", "direct debit", "card", "giro", "debit transfer", "credit card", "debit", "cash"],
)
def test_each_payment_means_has_its_code_and_its_fields(
    format_: XmlFormat, said: dict[str, Any], read: dict[tuple[str, str], str]
) -> None:
    found = Read(render_xml(issued(**said), format_), format_)
    assert {term: found.text(*term) for term in read} == read


def test_each_code_of_a_payment_means_fits_a_method() -> None:
    assert {code for codes in CODES_OF.values() for code in codes} == {*get_args(MeansCode)}


SHOWN: tuple[MeansCode, ...] = (
    "1", "4", "10", "20", "30", "31", "42", "48", "49", "50", "54", "55", "57", "58", "59", "68", "70", "93", "97",
    "ZZZ",
)  # fmt: skip
"""Codes with rules of their own, and others. `test_einvoice_rules` compares the list with that of BR-CL-16."""


@pytest.mark.parametrize("code", SHOWN)
def test_a_code_of_a_payment_means_is_valid(code: MeansCode) -> None:
    method = next(method for method, codes in CODES_OF.items() if code in codes)
    details: dict[str, dict[str, Any]] = {
        "sepa_direct_debit": {"mandate": MANDATE_OF_7},
        "card": {"card": {"last_digits": "4242"}},
    }
    stated = {"payment_method": method, "payment_means_code": code, **details.get(method, {})}
    document = issued(payment_means_text="Wie vereinbart", **stated)
    format_ = GERMAN_FORMATS[SHOWN.index(code) % len(GERMAN_FORMATS)]
    xml = render_xml(document, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    assert Read(xml, format_).text(*MEANS) == code


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_delivery_and_references_of_the_buyer_are_included(format_: XmlFormat) -> None:
    found = Read(render_xml(issued(), format_), format_)
    terms = ("BT-10", "BT-13", "BT-73", "BT-74", "BT-75", "BT-77", "BT-78")
    read = {term: found.text(*places(term)) for term in terms}
    assert {term: text.replace("-", "") if term in ("BT-73", "BT-74") else text for term, text in read.items()} == {
        "BT-10": "04011000-1234512345-06",
        "BT-13": "PO-77",
        "BT-73": "20260201",
        "BT-74": "20260228",
        "BT-75": "Rampe 2",
        "BT-77": "Leipzig",
        "BT-78": "04157",
    }


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
@pytest.mark.parametrize(
    "place", [{"name": "Lager Süd"}, {"name": "Lager Süd", "location_id": "L-1"}, {"location_id": "L-1"}]
)
def test_a_place_of_delivery_needs_no_address(format_: XmlFormat, place: dict[str, str]) -> None:
    document = issued(ship_to=place)
    assert list(broken_rules(document, format_)) == []
    xml = render_xml(document, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    ours, theirs = Read(xml, format_), read(xml)
    for term, name in (("BT-70", "name"), ("BT-71", "location_id")):
        assert ours.text(*places(term)) == place.get(name, "")
        assert theirs[term] == ({place[name]} if name in place else set())
    assert ours.text(*places("BT-80")) == ""
    assert ["Lieferadresse", ", ".join(place.values())] in letter(document)["facts"]


URLS = ("https://example.com/a", "www.example.com/a?b=c", "example.com", "ftp://files.example.com/a.pdf")


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_only_xrechnung_needs_a_scheme_of_a_web_address(format_: XmlFormat) -> None:
    document = issued(supporting_documents=[{"reference": f"S-{place}", "url": url} for place, url in enumerate(URLS)])
    found = [(one.code, one.pointer) for one in broken_rules(document, format_)]
    xml = render_xml(document, format_)
    fatal = [one.rule for one in findings(xml, format_) if one.fatal]
    if "xrechnung" in FORMATS[format_].rules:
        assert found == [("BR-TMP-2", f"/supporting_documents/{place}/url") for place in (1, 2)]
        assert fatal == ["BR-TMP-2"] * 2
    else:
        assert (found, fatal) == ([], [])
    assert {*Read(xml, format_).texts(*places("BT-124"))} == read(xml)["BT-124"] == {*URLS}


GLN, LEI = "4006381333931", "213800KUD8LAJWSQ9D15"
PLACE: dict[str, Any] = {"line1": "Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT"}
SELLER_WITH_ALL: dict[str, Any] = {
    "trading_name": "Nordlicht",
    "party_ids": (PartyId(id="L-4711"), PartyId(id=GLN, scheme="0088")),
    "legal_id": LEI,
    "legal_id_scheme": "0199",
    "legal_information": "Geschäftsführerin: Ada Nord\nAmtsgericht Hamburg",
    "address": TENANT.address.model_copy(update={"line3": "Tor 3"}),
    "tax_representative": TaxRepresentative(
        name="Steuer GmbH", vat_id="ATU13585627", address=Address(**PLACE, line3="Tor 5")
    ),
}


def with_all_parties(**seller: Any) -> Invoice:
    """An invoice in which every term of parties has a value."""
    return issued(
        tenant=TENANT.model_copy(update=SELLER_WITH_ALL | seller),
        buyer={
            "trading_name": "Süßes",
            "party_id": {"id": GLN, "scheme": "0088"},
            "legal_id": LEI,
            "legal_id_scheme": "0199",
            "address": {"postal_code": "04109", "city": "Leipzig", "country": "DE", "line3": "Tor 4"},
        },
        payee={
            "name": "Factor AG",
            "id": "4012345000009",
            "id_scheme": "0088",
            "legal_id": "7LTWFZYICNSX8D621K86",
            "legal_id_scheme": "0199",
        },
        ship_to={**PLACE, "line3": "Tor 6", "name": "Lager Süd", "location_id": GLN, "location_id_scheme": "0088"},
    )


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_payee_holds_accounts_without_a_holder(format_: XmlFormat) -> None:
    document = with_all_parties()
    assert list(broken_rules(document, format_)) == []
    xml = render_xml(document, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    assert Read(xml, format_).text(*HOLDER) == "Factor AG"


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_each_identifier_of_the_seller_has_its_scheme(format_: XmlFormat) -> None:
    identifiers = Read(render_xml(with_all_parties(), format_), format_).parts(*places("BT-29"))
    assert [(one.text, one.get("schemeID")) for one in identifiers] == [("L-4711", None), (GLN, "0088")]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_a_representative_and_an_identifier_make_a_seller(format_: XmlFormat) -> None:
    """BR-S-02 by BT-63, and BR-CO-26 by BT-29: neither a VAT id nor a tax number nor a register number of its own."""
    numbers: dict[str, Any] = {"vat_id": None, "tax_number": None, "legal_id": None, "legal_id_scheme": None}
    document = with_all_parties(**numbers)
    assert list(broken_rules(document, format_)) == []
    assert [one for one in findings(render_xml(document, format_), format_) if one.fatal] == []


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_each_side_is_reached_under_the_address_of_its_network(format_: XmlFormat) -> None:
    root = Read(render_xml(issued(), format_), format_)
    both = root.parts("//ram:URIUniversalCommunication/ram:URIID", "//cbc:EndpointID")
    assert [(one.get("schemeID"), one.text) for one in both] == [
        ("9930", "DE123456788"),
        ("0204", "04011000-1234512345-06"),
    ]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
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


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_pdf_shows_the_tax_currency_as_the_xml_does(format_: XmlFormat) -> None:
    document = issued(currency="USD", tax_currency="EUR", exchange_rate="0.9234")
    tax = "//ram:TaxTotalAmount[@currencyID='EUR']", "/*/cac:TaxTotal/cbc:TaxAmount[@currencyID='EUR']"
    assert Read(render_xml(document, format_), format_).text(*tax) == "17.54"
    assert letter(document)["declared"] == [["USt. in EUR (1 USD = 0,9234 EUR)", "17,54\u00a0€"]]


@pytest.mark.parametrize(
    ("category", "reason"),
    [
        ("AE", "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge)"),
        ("G", "Steuerfreie Ausfuhrlieferung"),
    ],
)
@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_states_the_legal_text_in_the_language(format_: XmlFormat, category: str, reason: str) -> None:
    lines = [line_json(tax={"category": category}), line_json(tax={"category": "S", "rate": "19"})]
    document = issued(language="de", lines=lines)
    assert f">{reason}</" in render_xml(document, format_).decode()
    assert any(reason in remark for remark in letter(document)["remarks"])


def test_a_stated_exemption_reason_replaces_the_legal_text() -> None:
    document = issued(lines=[line_json(tax={"category": "AE", "exemption_reason": "Bauleistung, § 13b UStG"})])
    [tax] = terms_of(document, "zugferd").taxes
    assert tax.exemption_reason == "Bauleistung, § 13b UStG"


@pytest.mark.parametrize("format_", ["xrechnung_ubl", "zugferd"])
def test_a_rate_whose_amounts_cancel_out_has_its_breakdown(format_: XmlFormat) -> None:
    """Each category of an allowance or charge has a breakdown, even of zero (BR-E-01)."""
    entry = {"amount": "10.00", "reason": "Deposit", "tax": {"category": "E", "exemption_reason": "exempt"}}
    xml = render_xml(issued(allowances=[entry], charges=[entry]), format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    assert sorted(Read(xml, format_).texts(*places("BT-118"))) == ["E", "S"]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_several_accounts_share_one_text_of_the_payment(format_: XmlFormat) -> None:
    second = BankAccount(id="second", iban="DE02120300000000202051")
    tenant = TENANT.model_copy(update={"bank_accounts": (*TENANT.bank_accounts, second)})
    xml = render_xml(issued(tenant=tenant, payment_means_text="Überweisung"), format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    read = Read(xml, format_)
    assert read.texts(*TEXT) == ["Überweisung"]
    assert len(read.texts(*ACCOUNT)) == 2


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_an_entry_of_zero_is_included(format_: XmlFormat, *, inclusive: bool) -> None:
    free = {"amount": "0.00", "reason": "Fracht frei"}
    taxed = {**free, "tax": {"category": "S", "rate": "19"}}
    lines = [line_json(unit_price="9.99", allowances=[free], charges=[free], quantity=each) for each in (1, -2, 3)]
    document = issued(price_tax_inclusive=inclusive, lines=lines, allowances=[taxed], charges=[taxed])
    xml = render_xml(document, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    read = Read(xml, format_)
    for amount, reason in (("BT-92", "BT-97"), ("BT-99", "BT-104"), ("BT-136", "BT-139"), ("BT-141", "BT-144")):
        assert {Decimal(one) for one in read.texts(*places(amount))} == {Decimal(0)}
        assert set(read.texts(*places(reason))) == {"Fracht frei"}
    credit = render_xml(cancellation(document, (), "CAN-1", day=NOON.date(), moment=MOMENT).document, format_)
    assert [one for one in findings(credit, format_) if one.fatal] == []
