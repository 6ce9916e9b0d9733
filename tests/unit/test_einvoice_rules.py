"""The gate refuses exactly the drafts that the official rules refuse, under the same name, before a number is used."""

import subprocess
import sys
from typing import Any, get_args

import pytest

from invoicing.core import identifiers
from invoicing.core.currency import EXPONENTS
from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.party import Address, BankAccount, Contact, ElectronicAddress, TaxRepresentative
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.model import Invoice
from invoicing.issuing import code_lists
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.payments.model import MeansCode
from tests import validators
from tests.builders import line_json
from tests.einvoices import GERMAN_FORMATS, TENANT, issued
from tests.validators import findings

HAMBURG: dict[str, Any] = {"line1": "Hafenstraße 12", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
LEIPZIG: dict[str, Any] = {"line1": "Marktplatz 3", "postal_code": "04109", "city": "Leipzig", "country": "DE"}
CONTACT: dict[str, Any] = {"name": "Buchhaltung", "phone": "+49 40 123456", "email": "rechnung@nordlicht.example"}
NOT_ON_NETWORK: dict[str, Any] = {"leitweg_id": None, "electronic_address": {"scheme": "EM", "id": "a@b.example"}}
UNKNOWN: dict[str, Any] = {"vat_id": None, "legal_id": None, "tax_number": None}

REPRESENTATIVE = TaxRepresentative(name="Steuer GmbH", vat_id="ATU13585627", address=Address(country="AT"))
GIRO = BankAccount(id="giro", account_number="10020030")


def without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {**given, name: None}


def issued_with(seller: dict[str, Any] | None = None, **given: Any) -> Invoice:
    """An invoice of a seller that differs slightly from the usual one."""
    document = issued(**given)
    return document.model_copy(update={"seller": TENANT.seller.model_copy(update=seller or {})})


LACKING: list[tuple[str, str, XmlFormat, dict[str, Any]]] = [
    ("BR-10", "/customer/address", "zugferd", {"buyer": {"address": None}}),
    ("BR-CO-26", "/seller/legal_id", "zugferd", {"seller": UNKNOWN, "lines": [line_json(tax={"category": "O"})]}),
    ("BR-CO-09", "/customer/tax_id", "zugferd", {"buyer": {"tax_id": "12-3456789"}}),
    ("BR-CO-09", "/seller/vat_id", "zugferd", {"seller": {"vat_id": "123456"}}),
    ("BR-CL-14", "/customer/address/country", "xrechnung_cii", {"buyer": {"address": {**LEIPZIG, "country": "XX"}}}),
    (
        "BR-CL-14",
        "/seller/address/country",
        "xrechnung_cii",
        {"seller": {"address": Address(**{**HAMBURG, "country": "QQ"})}},
    ),
    ("BR-CL-14", "/ship_to/country", "xrechnung_cii", {"ship_to": {**LEIPZIG, "country": "XX"}}),
    ("BR-CL-04", "/currency", "xrechnung_cii", {"currency": "XAD"}),
    ("BR-CL-05", "/tax_currency", "xrechnung_cii", {"tax_currency": "XAD", "exchange_rate": "1.5"}),
    ("BR-DEC-09", "/currency", "zugferd", {"currency": "KWD", "lines": [line_json(unit_price="50.001")]}),
    ("BR-DEC-15", "/tax_currency", "xrechnung_cii", {"tax_currency": "KWD", "exchange_rate": "0.3331"}),
    ("BR-CL-23", "/lines/0/unit", "peppol", {"lines": [line_json(unit="QQQ")]}),
    (
        "BR-CL-22",
        "/lines/0/tax/exemption_code",
        "peppol",
        {"lines": [line_json(tax={"category": "E", "exemption_code": "X"})]},
    ),
    (
        "BR-CL-22",
        "/shipping/tax/exemption_code",
        "peppol",
        {"shipping": {"amount": "4.90", "tax": {"category": "E", "exemption_code": "X"}}},
    ),
    ("BR-AF-05", "/lines/0/tax/rate", "zugferd", {"lines": [line_json(tax={"category": "L", "rate": "0"})]}),
    (
        "BR-AF-06",
        "/allowances/0/tax/rate",
        "zugferd",
        {"allowances": [{"amount": "1.00", "reason": "x", "tax": {"category": "L", "rate": "0"}}]},
    ),
    (
        "BR-AF-07",
        "/shipping/tax/rate",
        "xrechnung_cii",
        {"shipping": {"amount": "1.00", "tax": {"category": "L", "rate": "0"}}},
    ),
    (
        "PEPPOL-EN16931-R020",
        "/seller/electronic_address",
        "peppol",
        {"seller": {"electronic_address": ElectronicAddress(scheme="EM", id="a@b.example")}},
    ),
    ("PEPPOL-EN16931-R010", "/customer/electronic_address", "peppol", {"buyer": NOT_ON_NETWORK}),
    (
        "PEPPOL-EN16931-R010",
        "/customer/electronic_address",
        "xrechnung_ubl",
        {"buyer": {"leitweg_id": None, "emails": [], "buyer_reference": "K-1"}},
    ),
    (
        "PEPPOL-EN16931-R110",
        "/lines/0/period/start",
        "xrechnung_cii",
        {"lines": [line_json(period={"start": "2026-01-31", "end": "2026-02-20"})]},
    ),
    (
        "PEPPOL-EN16931-R111",
        "/lines/0/period/end",
        "peppol",
        {"lines": [line_json(period={"start": "2026-02-01", "end": "2026-03-01"})]},
    ),
    ("PEPPOL-EN16931-R061", "/mandate", "peppol", {"payment_method": "sepa_direct_debit"}),
    (
        "PEPPOL-EN16931-R061",
        "/mandate",
        "peppol",
        {"payment_method": "sepa_direct_debit", "payment_means_code": "49"},
    ),
    (
        "BR-61",
        "/seller/bank_accounts",
        "xrechnung_ubl",
        {"seller": {"bank_accounts": ()}, "payment_means_code": "58"},
    ),
    (
        "BR-DE-19",
        "/seller/bank_accounts/0/iban",
        "xrechnung_ubl",
        {"seller": {"bank_accounts": (GIRO,)}, "payment_means_code": "58"},
    ),
    ("BR-DE-24-a", "/card", "xrechnung_ubl", {"payment_method": "card", "payment_means_code": "55"}),
    (
        "BR-17",
        "/payee/name",
        "xrechnung_ubl",
        {"seller": {"trading_name": "Nordlicht"}, "payee": {"name": "Nordlicht"}},
    ),
    (
        "BR-17",
        "/payee/name",
        "xrechnung_cii",
        {"seller": {"legal_id": "HRB 1"}, "payee": {"name": "Factor AG", "legal_id": "HRB 1"}},
    ),
    (
        "BR-CO-09",
        "/seller/tax_representative/vat_id",
        "xrechnung_ubl",
        {"seller": {"tax_representative": REPRESENTATIVE.model_copy(update={"vat_id": "12345"})}},
    ),
    (
        "BR-CL-14",
        "/seller/tax_representative/address/country",
        "xrechnung_ubl",
        {"seller": {"tax_representative": REPRESENTATIVE.model_copy(update={"address": Address(country="QQ")})}},
    ),
    ("BR-DE-1", "/seller/bank_accounts", "xrechnung_ubl", {"seller": {"bank_accounts": ()}}),
    ("BR-DE-3", "/seller/address/city", "xrechnung_cii", {"seller": {"address": Address(**without(HAMBURG, "city"))}}),
    (
        "BR-DE-4",
        "/seller/address/postal_code",
        "xrechnung_ubl",
        {"seller": {"address": Address(**without(HAMBURG, "postal_code"))}},
    ),
    ("BR-DE-5", "/seller/contact/name", "xrechnung_cii", {"seller": {"contact": Contact(**without(CONTACT, "name"))}}),
    (
        "BR-DE-6",
        "/seller/contact/phone",
        "xrechnung_ubl",
        {"seller": {"contact": Contact(**without(CONTACT, "phone"))}},
    ),
    (
        "BR-DE-7",
        "/seller/contact/email",
        "xrechnung_cii",
        {"seller": {"contact": Contact(**without(CONTACT, "email"))}},
    ),
    ("BR-DE-8", "/customer/address/city", "xrechnung_ubl", {"buyer": {"address": without(LEIPZIG, "city")}}),
    (
        "BR-DE-9",
        "/customer/address/postal_code",
        "xrechnung_cii",
        {"buyer": {"address": without(LEIPZIG, "postal_code")}},
    ),
    ("BR-DE-10", "/ship_to/city", "xrechnung_ubl", {"ship_to": without(LEIPZIG, "city")}),
    ("BR-DE-11", "/ship_to/postal_code", "xrechnung_cii", {"ship_to": without(LEIPZIG, "postal_code")}),
    ("BR-DE-15", "/buyer_reference", "xrechnung_ubl", {"buyer": {"leitweg_id": None}}),
    ("BR-DE-24-a", "/card", "xrechnung_cii", {"payment_method": "card"}),
    ("BR-DE-25-a", "/mandate", "xrechnung_ubl", {"payment_method": "sepa_direct_debit"}),
    (
        "BR-DE-30",
        "/seller/creditor_id",
        "xrechnung_ubl",
        {
            "seller": {"creditor_id": None},
            "payment_method": "sepa_direct_debit",
            "mandate": {"reference": "M-1", "iban": "DE02120300000000202051"},
        },
    ),
    (
        "BR-DE-31",
        "/mandate/iban",
        "xrechnung_cii",
        {"payment_method": "sepa_direct_debit", "mandate": {"reference": "M-1"}},
    ),
]


def test_only_cii_refuses_a_rate_of_zero_in_the_canary_islands() -> None:
    for category in ("L", "M"):
        tax = {"category": category, "rate": "0"}
        document = issued(lines=[line_json(tax=tax)], charges=[{"amount": "1.00", "reason": "x", "tax": tax}])
        for format_ in GERMAN_FORMATS:
            refused = ["BR-AF-05", "BR-AF-07"] if category == "L" and FORMATS[format_].syntax == "cii" else []
            ours = [one.code for one in broken_rules(document, format_) if one.code.startswith("BR-A")]
            official = [one.rule for one in findings(render_xml(document, format_), format_) if "BR-A" in one.rule]
            assert ours == sorted(official) == refused


@pytest.mark.parametrize(("rule", "pointer", "format_", "given"), LACKING, ids=lambda part: str(part)[:40])
def test_official_rules_refuse_our_refusals_by_the_same_name(
    rule: str, pointer: str, format_: XmlFormat, given: dict[str, Any]
) -> None:
    document = issued_with(**given)
    refused = {(one.code, one.pointer): one.message for one in broken_rules(document, format_)}
    assert (rule, pointer) in refused
    assert "BT-" in refused[rule, pointer] or "BG-" in refused[rule, pointer]
    assert rule in {one.rule for one in findings(render_xml(document, format_), format_)}


def test_a_tax_currency_without_its_rate_is_refused_by_both() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        issued(tax_currency="CHF")
    assert [(one.code, one.pointer) for one in refused.value.errors] == [("BR-53", "/exchange_rate")]
    document = issued(tax_currency="CHF", exchange_rate="0.93").model_copy(update={"exchange_rate": None})
    assert "BR-53" in {one.rule for one in findings(render_xml(document, "zugferd"), "zugferd")}


GERMAN_PEPPOL: list[tuple[str, str, dict[str, Any]]] = [
    ("DE-R-001", "/seller/bank_accounts", {"seller": {"bank_accounts": ()}}),
    ("DE-R-006", "/seller/contact/phone", {"seller": {"contact": Contact(**without(CONTACT, "phone"))}}),
    ("DE-R-009", "/customer/address/postal_code", {"buyer": {"address": without(LEIPZIG, "postal_code")}}),
    ("DE-R-024", "/card", {"payment_method": "card"}),
]


@pytest.mark.parametrize(("rule", "pointer", "given"), GERMAN_PEPPOL, ids=lambda part: str(part)[:40])
def test_between_germans_peppol_requires_the_xrechnung_fields(rule: str, pointer: str, given: dict[str, Any]) -> None:
    assert (rule, pointer) in {(one.code, one.pointer) for one in broken_rules(issued_with(**given), "peppol")}
    address = {**LEIPZIG, **(given.get("buyer", {}).get("address") or {}), "country": "AT"}
    abroad = issued_with(**{**given, "buyer": {"address": address}})
    assert list(broken_rules(abroad, "peppol")) == []


def test_peppol_accepts_a_purchase_order_as_buyer_reference() -> None:
    buyer = {"leitweg_id": None, "electronic_address": {"scheme": "9930", "id": "DE136695976"},
             "address": {**LEIPZIG, "country": "AT"}}  # fmt: skip
    assert list(broken_rules(issued(buyer=buyer), "peppol")) == []
    [lacking] = broken_rules(issued(buyer=buyer, purchase_order_id=None), "peppol")
    assert (lacking.code, lacking.pointer) == ("PEPPOL-EN16931-R003", "/buyer_reference")


def test_small_businesses_send_e_invoices_with_a_tax_number() -> None:
    seller = {**UNKNOWN, "tax_number": "48/123/45678"}
    exempt = [line_json(tax={"category": "E", "exemption_reason": "Kein Ausweis von Umsatzsteuer, § 19 UStG"})]
    document = issued_with(seller, lines=exempt)
    for format_ in GERMAN_FORMATS:
        assert list(broken_rules(document, format_)) == []
        assert [one for one in findings(render_xml(document, format_), format_) if one.fatal] == []


@pytest.mark.parametrize("einvoice_format", [row.setting for row in FORMATS.values() if row.setting])
def test_all_errors_are_reported_together_and_nothing_is_issued(einvoice_format: str) -> None:
    lines = [line_json(unit="QQQ", tax={"category": "AE"})] * 2
    with pytest.raises(En16931RuleBroken) as refused:
        issued(buyer={"einvoice_format": einvoice_format, "address": None, "tax_id": None}, lines=lines)
    codes = [one.code for one in refused.value.errors]
    assert codes[:2] == ["BR-AE-02", "BR-10"]
    assert codes.count("BR-CL-23") == 2


@pytest.mark.parametrize(
    ("category", "code", "rule"),
    [
        ("E", "VATEX-EU-G", "P0104"),
        ("E", "VATEX-EU-O", "P0105"),
        ("E", "VATEX-EU-IC", "P0106"),
        ("E", "VATEX-EU-AE", "P0107"),
        ("G", "VATEX-EU-AE", "P0107"),
        ("AE", "VATEX-EU-D", "P0108"),
        ("AE", "VATEX-EU-F", "P0109"),
        ("G", "VATEX-EU-I", "P0110"),
        ("G", "VATEX-EU-J", "P0111"),
    ],
)
def test_peppol_ties_an_exemption_to_its_category(category: str, code: str, rule: str) -> None:
    tax = {"category": category, "exemption_code": code}
    invoice = issued(lines=[line_json(tax=tax)], charges=[{"amount": "1.00", "reason": "Fracht", "tax": tax}])
    broken = [(one.code, one.pointer) for one in broken_rules(invoice, "peppol")]
    places = ("/lines/0/tax/exemption_code", "/charges/0/tax/exemption_code")
    assert broken == [(f"PEPPOL-EN16931-{rule}", place) for place in places]
    assert list(broken_rules(invoice, "zugferd")) == [], "other formats have no such rule"
    if rules := validators.peppol_rules():
        found = {one.rule for one in findings(render_xml(invoice, "peppol"), "peppol")}
        assert f"PEPPOL-EN16931-{rule}" in found, rules


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"references": [{"number": "R-1"}, {"number": "R-2"}]}, "/references"),
        ({"prepaid": {"amount": "1.00", "references": [{"number": "A-1"}, {"number": "A-2"}]}}, "/prepaid/references"),
    ],
)
def test_xrechnung_in_cii_names_one_earlier_document(fields: dict[str, Any], pointer: str) -> None:
    document = issued(**fields)
    assert [(one.code, one.pointer) for one in broken_rules(document, "xrechnung_cii")] == [("XSD-D16B", pointer)]
    for format_ in ("xrechnung_ubl", "zugferd"):
        assert list(broken_rules(document, format_)) == []
    twice = issued(references=[{"number": "R-1"}], prepaid={"amount": "1.00", "references": [{"number": "R-1"}]})
    assert list(broken_rules(twice, "xrechnung_cii")) == [], "the same document is named once"


def test_code_lists_are_the_official_ones() -> None:
    assert validators.official_codes("BR-CL-23") == code_lists.UNITS
    assert validators.official_codes("BR-CL-14") == code_lists.COUNTRIES
    assert validators.official_codes("BR-CL-22") == code_lists.EXEMPTIONS
    assert validators.official_codes("BR-CL-19") == code_lists.ALLOWANCE_REASONS
    assert validators.official_codes("BR-CL-20") == code_lists.CHARGE_REASONS
    assert validators.official_codes("BR-CL-13") == code_lists.CLASSIFICATIONS
    assert validators.official_codes("BR-CL-08") == code_lists.NOTE_SUBJECTS
    assert validators.official_codes("BR-CL-07") == code_lists.OBJECT_SCHEMES
    assert validators.official_codes("BR-CL-16") == {*get_args(MeansCode)}
    assert EXPONENTS.keys() - validators.official_codes("BR-CL-04") == code_lists.NO_CURRENCIES
    assert identifiers.EAS - validators.official_codes("BR-CL-25") == set()


def test_finalizing_without_an_e_invoice_loads_no_xml_code() -> None:
    code = "import sys, functions.invoices.finalize_invoice; print([name for name in sys.modules if name in %r])"
    heavy = ("lxml", "lxml.etree", "invoicing.issuing.einvoice_rules", "invoicing.issuing.code_lists")
    found = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
