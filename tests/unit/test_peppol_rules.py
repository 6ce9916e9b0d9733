"""Rules of Peppol BIS Billing about identifiers and of the seller's country, each under its official name."""

import json
from typing import Any

import pytest

from invoicing.core.identifiers import EAS, ICD, NOT_IN_PEPPOL, SCHEMES, is_of_scheme, representative_mistakes
from invoicing.core.party import Address, BankAccount, ElectronicAddress, PartyId, TaxRepresentative
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice_rules import broken_rules
from tests import validators
from tests.builders import MARK, line_json
from tests.einvoices import TENANT, issued
from tests.unit.test_einvoice import Read
from tests.validators import findings, peppol_rules

STREET = {"line1": "Main Street 1", "city": "City", "postal_code": "1000"}
FINAL_DAY = {"reference": "2026-04-01", "description": "EINDAGI"}
LINK = {"reference": "link", "description": "##INVOICE|URL##", "url": "https://example.com/1"}
REGISTER = "//cac:PartyTaxScheme[cbc:CompanyID='Foretaksregisteret']/cac:TaxScheme/cbc:ID"
GREEK_NUMBER = "094259216|10/03/2026|0|1.1|A|1"
SELLERS: dict[str, dict[str, Any]] = {
    "DK": {
        "vat_id": "DK13585628",
        "legal_id": "13585628",
        "legal_id_scheme": "0184",
        "electronic_address": ("0184", "DK13585628"),
        "bank_accounts": (BankAccount(id="main", account_number="1234567890", bank_code="3000"),),
    },
    "GR": {"vat_id": "EL094259216", "electronic_address": ("9933", "094259216")},
    "IS": {
        "tax_number": "12345",
        "legal_id": "4504013150",
        "legal_id_scheme": "0196",
        "electronic_address": ("0196", "4504013150"),
        "bank_accounts": (BankAccount(id="main", account_number="014226012345"),),
    },
    "IT": {"vat_id": "IT00743110157", "electronic_address": ("0211", "IT00743110157")},
    "NL": {
        "vat_id": "NL004495445B01",
        "legal_id": "12345678",
        "legal_id_scheme": "0106",
        "electronic_address": ("0106", "12345678"),
    },
    "NO": {"vat_id": "NO995525828MVA", "electronic_address": ("0192", "995525828")},
    "SE": {"vat_id": "SE556036079301", "legal_id": "5560360793", "electronic_address": ("0007", "5560360793")},
}
BUYERS: dict[str, dict[str, Any]] = {
    "DK": {"tax_id": "DK13585628"},
    "GR": {"tax_id": "EL094259216", "electronic_address": {"scheme": "9933", "id": "094259216"}},
    "IS": {"legal_id": "4504013150", "legal_id_scheme": "0196"},
    "NL": {"legal_id": "12345678", "legal_id_scheme": "0106"},
}
FIELDS: dict[str, dict[str, Any]] = {"GR": {"supporting_documents": [MARK, LINK]}}


def sold(
    country: str,
    *,
    seller: dict[str, Any] | None = None,
    buyer: dict[str, Any] | None = None,
    number: str | None = None,
    type: str = "invoice",  # noqa: A002 — the field of documents
    **fields: Any,
) -> Invoice:
    """A domestic invoice of a seller who has all that Peppol asks for in the country."""
    ours: dict[str, Any] = {"vat_id": None, "legal_id": None, "tax_number": None, **SELLERS[country], **(seller or {})}
    ours["electronic_address"] = ElectronicAddress(
        **dict(zip(("scheme", "id"), ours["electronic_address"], strict=True))
    )
    ours["address"] = Address(**{**STREET, "country": country, **ours.pop("address", {})})
    theirs = {
        "address": {**STREET, "country": country},
        "tax_id": None,
        "leitweg_id": None,
        "buyer_reference": "K-1",
        "electronic_address": {"scheme": "0060", "id": "123456789"},
        **BUYERS.get(country, {}),
        **(buyer or {}),
    }
    fields = {
        "lines": [line_json(tax={"category": "S", "rate": "25"})],
        "ship_to": None,
        **FIELDS.get(country, {}),
        **fields,
    }
    document = issued(tenant=TENANT.model_copy(update={"vat_id": "DE123456788"}), buyer=theirs, **fields)
    frozen = TENANT.seller.model_copy(update=ours)
    numbered = number or (GREEK_NUMBER if country == "GR" else document.number)
    return document.model_copy(update={"seller": frozen, "number": numbered, "type": type})


@pytest.mark.parametrize("country", SELLERS)
def test_sellers_of_each_country_can_send_invoices(country: str) -> None:
    for document in (sold(country), sold(country, buyer={"address": {**STREET, "country": "AT"}})):
        assert list(broken_rules(document, "peppol")) == []
        assert [one for one in findings(render_xml(document, "peppol"), "peppol") if one.fatal] == []


@pytest.mark.parametrize("vat_id", ["NO967611265MVA", "NO967611263MVA", "NO967611265", "GB999999973", "CHE123456788"])
def test_only_vat_ids_of_the_union_are_verified(vat_id: str) -> None:
    """CEN's second example has the first: its check digit is 3, and Norway's rule is about the seller's own (BT-31)."""
    representative = TaxRepresentative(name="Tax AS", vat_id=vat_id, address=Address(**STREET, country="NO"))
    document = sold("NO", seller={"tax_representative": representative})
    assert list(representative_mistakes("", representative)) == []
    assert list(broken_rules(document, "peppol")) == []
    assert [one for one in findings(render_xml(document, "peppol"), "peppol") if one.fatal] == []
    wrong = representative.model_copy(update={"vat_id": "ATU13585628"})
    assert [pointer for pointer, _ in representative_mistakes("", wrong)] == ["/vat_id"]


def test_norways_register_is_a_tax_scheme_of_its_own() -> None:
    document = sold("NO", seller={"tax_number": "Foretaksregisteret"})
    [scheme] = Read(render_xml(document, "peppol"), "peppol").texts("", REGISTER)
    assert scheme == "TAX"


BROKEN: list[tuple[str, str, str, dict[str, Any]]] = [
    ("NO-R-001", "/seller/vat_id", "NO", {"seller": {"vat_id": "NO995525828"}}),
    ("NO-R-001", "/seller/vat_id", "NO", {"seller": {"vat_id": "NO995525829MVA"}}),
    ("DK-R-002", "/seller/legal_id", "DK", {"seller": {"legal_id": None}}),
    ("DK-R-013", "/seller/party_ids/0/scheme", "DK", {"seller": {"party_ids": (PartyId(id="L-1"),)}}),
    ("DK-R-013", "/customer/party_id/scheme", "DK", {"buyer": {"party_id": {"id": "K-1"}}}),
    ("DK-R-014", "/seller/legal_id_scheme", "DK", {"seller": {"legal_id_scheme": None}}),
    ("DK-R-004", "/charges/0/reason", "DK", {"charges": [{"amount": "1.00", "reason": "Tax", "reason_code": "ZZZ"}]}),
    ("DK-R-005", "/payment_means_code", "DK", {"payment_means_code": "30"}),
    ("DK-R-005", "/payment_method", "DK", {"payment_method": "paypal"}),
    (
        "DK-R-006",
        "/seller/bank_accounts",
        "DK",
        {"seller": {"bank_accounts": (BankAccount(id="main", account_number="1234567890"),)}},
    ),
    (
        "DK-R-007",
        "/mandate",
        "DK",
        {"payment_method": "sepa_direct_debit", "payment_means_code": "49", "mandate": {"reference": "M-1"}},
    ),
    ("DK-R-008", "/payment_reference", "DK", {"payment_means_code": "50", "payment_reference": "4711"}),
    (
        "DK-R-009",
        "/payment_reference",
        "DK",
        {
            "seller": {"bank_accounts": (BankAccount(id="main", account_number="1234567"),)},
            "payment_means_code": "50",
            "payment_reference": "04#4711",
        },
    ),
    ("DK-R-010", "/payment_reference", "DK", {"payment_means_code": "93", "payment_reference": "4711"}),
    (
        "DK-R-011",
        "/payment_reference",
        "DK",
        {
            "seller": {"bank_accounts": (BankAccount(id="main", account_number="12345678"),)},
            "payment_means_code": "93",
            "payment_reference": "71#4711",
        },
    ),
    ("IT-R-001", "/seller/tax_number", "IT", {"seller": {"tax_number": "123"}}),
    ("IT-R-002", "/seller/address/line1", "IT", {"seller": {"address": {"line1": None}}}),
    ("IT-R-003", "/seller/address/city", "IT", {"seller": {"address": {"city": None}}}),
    ("IT-R-004", "/seller/address/postal_code", "IT", {"seller": {"address": {"postal_code": None}}}),
    ("SE-R-001", "/seller/vat_id", "SE", {"seller": {"vat_id": "SE5560360793"}}),
    ("SE-R-002", "/seller/vat_id", "SE", {"seller": {"vat_id": "SE55603607930X"}}),
    ("SE-R-003", "/seller/legal_id", "SE", {"seller": {"legal_id": "556036-0793"}}),
    ("SE-R-004", "/seller/legal_id", "SE", {"seller": {"legal_id": "556036079"}}),
    ("SE-R-013", "/seller/legal_id", "SE", {"seller": {"legal_id": "5560360794"}}),
    ("SE-R-005", "/seller/tax_number", "SE", {"seller": {"tax_number": "556036"}}),
    ("SE-R-006", "/lines/0/tax/rate", "SE", {"lines": [line_json(tax={"category": "S", "rate": "20"})]}),
    ("IS-R-002", "/seller/legal_id", "IS", {"seller": {"legal_id_scheme": None}}),
    ("IS-R-003", "/seller/address", "IS", {"seller": {"address": {"postal_code": None}}}),
    ("IS-R-004", "/customer/legal_id", "IS", {"buyer": {"legal_id": None, "legal_id_scheme": None}}),
    ("IS-R-005", "/customer/address", "IS", {"buyer": {"address": {"city": "Reykjavík", "country": "IS"}}}),
    ("IS-R-006", "/seller/bank_accounts", "IS", {"payment_method": "other", "payment_means_code": "9"}),
    (
        "IS-R-007",
        "/seller/bank_accounts",
        "IS",
        {
            "payment_means_code": "42",
            "seller": {"bank_accounts": (BankAccount(id="main", account_number="0142-26-12345"),)},
        },
    ),
    (
        "IS-R-008",
        "/supporting_documents/0/reference",
        "IS",
        {"supporting_documents": [{**FINAL_DAY, "reference": "1. 4. 2026"}]},
    ),
    (
        "IS-R-010",
        "/supporting_documents/0/reference",
        "IS",
        {"supporting_documents": [{**FINAL_DAY, "reference": "2026-03-11"}]},
    ),
    ("NL-R-001", "/references", "NL", {"type": "credit_note"}),
    ("NL-R-002", "/seller/address", "NL", {"seller": {"address": {"line1": None}}}),
    ("NL-R-003", "/seller/legal_id_scheme", "NL", {"seller": {"legal_id_scheme": None}}),
    ("NL-R-004", "/customer/address", "NL", {"buyer": {"address": {"city": "Utrecht", "country": "NL"}}}),
    ("NL-R-005", "/customer/legal_id_scheme", "NL", {"buyer": {"legal_id_scheme": None}}),
    (
        "NL-R-006",
        "/seller/tax_representative/address",
        "NL",
        {
            "seller": {
                "tax_representative": TaxRepresentative(
                    name="Rep", vat_id="NL004495445B01", address=Address(country="NL", city="Utrecht")
                )
            }
        },
    ),
    (
        "PEPPOL-COMMON-R040",
        "/seller/party_ids/0/id",
        "NO",
        {"seller": {"party_ids": (PartyId(id="4006381333932", scheme="0088"),)}},
    ),
    ("NL-R-007", "/seller/bank_accounts", "NL", {"seller": {"bank_accounts": ()}}),
    ("NL-R-008", "/payment_method", "NL", {"payment_method": "cash"}),
    (
        "NL-R-009",
        "/purchase_order_id",
        "NL",
        {"purchase_order_id": None, "lines": [line_json(order_line="1")]},
    ),
    ("GR-R-001-1", "/seller/number_series", "GR", {"number": "INV-1"}),
    ("GR-R-001-2", "/seller/number_series", "GR", {"number": GREEK_NUMBER.replace("094259216", "094259217")}),
    ("GR-R-001-3", "/seller/number_series", "GR", {"number": GREEK_NUMBER.replace("10/03", "11/03")}),
    ("GR-R-001-4", "/seller/number_series", "GR", {"number": GREEK_NUMBER.replace("|0|", "|x|")}),
    ("GR-R-001-5", "/seller/number_series", "GR", {"number": GREEK_NUMBER.replace("1.1", "9.9")}),
    ("GR-R-001-6", "/seller/number_series", "GR", {"number": GREEK_NUMBER.replace("|A|", "||")}),
    ("GR-R-001-7", "/seller/number_series", "GR", {"number": GREEK_NUMBER.removesuffix("1")}),
    ("GR-R-003", "/seller/vat_id", "GR", {"seller": {"vat_id": "GR094259216"}}),
    ("GR-R-004-1", "/supporting_documents", "GR", {"supporting_documents": []}),
    (
        "GR-R-004-2",
        "/supporting_documents/0/reference",
        "GR",
        {"supporting_documents": [{**MARK, "reference": "M-1"}]},
    ),
    ("GR-R-006", "/customer/tax_id", "GR", {"buyer": {"tax_id": None}}),
    ("GR-R-008-2", "/supporting_documents", "GR", {"supporting_documents": [MARK, LINK, LINK]}),
    (
        "GR-R-008-3",
        "/supporting_documents/1/url",
        "GR",
        {"supporting_documents": [MARK, {**LINK, "url": None}]},
    ),
    ("GR-R-009", "/seller/electronic_address", "GR", {"seller": {"electronic_address": ("0060", "123456789")}}),
    (
        "GR-R-010",
        "/customer/electronic_address",
        "GR",
        {"buyer": {"electronic_address": {"scheme": "0060", "id": "123456789"}}},
    ),
    ("PEPPOL-EN16931-P0100", "/type_code", "NO", {"type_code": "204"}),
    ("PEPPOL-EN16931-P0112", "/type_code", "NO", {"type_code": "326"}),
    (
        "PEPPOL-EN16931-CL008",
        "/seller/electronic_address/scheme",
        "NO",
        {"seller": {"electronic_address": ("0220", "x")}},
    ),
]


@pytest.mark.parametrize(("rule", "pointer", "country", "given"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_rule_is_refused(rule: str, pointer: str, country: str, given: dict[str, Any]) -> None:
    document = sold(country, **given)
    refused = {(one.code, one.pointer): one.message for one in broken_rules(document, "peppol")}
    assert (rule, pointer) in refused
    assert "BT-" in refused[rule, pointer] or "BG-" in refused[rule, pointer]
    for other in ("zugferd", "xrechnung_ubl"):
        assert rule not in {one.code for one in broken_rules(document, other)}
    if peppol_rules():
        assert rule in {one.rule for one in findings(render_xml(document, "peppol"), "peppol")}


def test_an_icelandic_final_day_needs_a_due_date() -> None:
    document = sold("IS", supporting_documents=[FINAL_DAY]).model_copy(update={"due_date": None})
    assert [(one.code, one.pointer) for one in broken_rules(document, "peppol")] == [("IS-R-009", "/due_date")]
    note = document.model_copy(update={"type": "credit_note"})
    assert [one.pointer for one in broken_rules(note, "peppol")] == ["/supporting_documents/0/reference"]


def test_dutch_credit_notes_state_no_payment_means() -> None:
    note = sold("NL", references=[{"number": "R-1"}], type="credit_note").model_copy(update={"due_date": None})
    assert list(broken_rules(note, "peppol")) == []
    assert b"PaymentMeans" not in render_xml(note, "peppol")
    assert b"PaymentMeans" in render_xml(note, "xrechnung_ubl")


def test_a_dutch_credit_note_with_a_due_date_needs_a_method() -> None:
    """UBL states the due date of a credit note beside its payment means."""
    note = sold("NL", references=[{"number": "R-1"}], type="credit_note")
    assert note.due_date
    assert [(one.code, one.pointer) for one in broken_rules(note, "peppol")] == [("NL-R-008", "/payment_method")]
    paid = note.model_copy(update={"payment_method": "bank_transfer"})
    assert list(broken_rules(paid, "peppol")) == []
    assert b"<cbc:PaymentDueDate>" in render_xml(paid, "peppol")


IDENTIFIERS: dict[str, tuple[str, str, str | None]] = {
    "0002": ("552008443", "552008444", None),
    "0007": ("5560360793", "5560360794", "PEPPOL-COMMON-R049"),
    "0009": ("73282932000074", "73282932000075", None),
    "0088": ("4006381333931", "4006381333932", "PEPPOL-COMMON-R040"),
    "0096": ("1234567890", "123456789", "PEPPOL-COMMON-R052"),
    "0106": ("12345678", "1234567", "PEPPOL-COMMON-R054"),
    "0151": ("83914571673", "123", "PEPPOL-COMMON-R050"),
    "0183": ("CHE100155212", "CHE100155213", None),
    "0184": ("DK13585628", "DK13585629", "PEPPOL-COMMON-R042"),
    "0190": ("00000001234567890000", "1234567890", "PEPPOL-COMMON-R055"),
    "0191": ("12345678", "12345679", None),
    "0192": ("995525828", "123456789", "PEPPOL-COMMON-R041"),
    "0196": ("4504013150", "4504013151", None),
    "0198": ("DK13585628", "13585628", "PEPPOL-COMMON-R053"),
    "0199": ("213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D16", None),
    "0201": ("UFTP2D", "UFTP-2", "PEPPOL-COMMON-R044"),
    "0204": ("04011000-1234512345-06", "04011000-1234512345-07", None),
    "0208": ("0202239951", "1234567890", "PEPPOL-COMMON-R043"),
    "0210": ("00743110157", "00743110158", "PEPPOL-COMMON-R045"),
    "0211": ("IT00743110157", "IT00743110158", "PEPPOL-COMMON-R047"),
    "0217": ("123456789012", "12345678901", "PEPPOL-COMMON-R057"),
    "9930": ("DE136695976", "DE136695977", None),
    "9933": ("094259216", "094259217", None),
    "9944": ("NL004495445B01", "NL004495446B01", "PEPPOL-COMMON-R056-1"),
    "EM": ("a@b.example", "a.example", None),
}
"""A sound and a wrong identifier of each scheme, and the rule of Peppol about the scheme."""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_identifier_has_the_form_of_its_scheme(scheme: str) -> None:
    sound, wrong, rule = IDENTIFIERS[scheme]
    assert is_of_scheme(scheme, sound)
    assert not is_of_scheme(scheme, wrong)
    assert not is_of_scheme(scheme, f"{sound} ")
    document = sold("NO", seller={"electronic_address": (scheme, wrong)})
    broken = [(one.code, one.pointer) for one in broken_rules(document, "peppol") if scheme != "EM"]
    assert broken == ([(rule, "/seller/electronic_address/id")] if rule else [])
    if rule and scheme in ICD:
        document = sold("NO", seller={"legal_id": wrong, "legal_id_scheme": scheme})
        assert [(one.code, one.pointer) for one in broken_rules(document, "peppol")] == [(rule, "/seller/legal_id")]


def test_the_lists_of_schemes_are_the_official_ones() -> None:
    for rule in ("BR-CL-10", "BR-CL-11", "BR-CL-21", "BR-CL-26"):
        assert validators.official_codes(rule) == ICD
    assert NOT_IN_PEPPOL < EAS
    assert SCHEMES.keys() <= EAS


def test_identifiers_and_links_are_read_from_both_syntaxes() -> None:
    document = sold("DK", supporting_documents=[LINK], seller={"trading_name": "Trade"}, buyer={"trading_name": "Shop"})
    for format_ in ("peppol", "zugferd"):
        xml = render_xml(document, format_)
        assert [one for one in findings(xml, format_) if one.fatal] == []
        assert b'schemeID="0184">13585628<' in xml
        for text in ("Trade", "Shop", LINK["url"], LINK["description"], LINK["reference"]):
            assert f">{text}<" in xml.decode(), json.dumps(text)
