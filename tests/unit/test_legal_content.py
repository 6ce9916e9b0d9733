"""The content that German law requires on an invoice in any format (§ 14 (4) UStG, § 33 UStDV)."""

from typing import Any

import pytest

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.party import Address, Buyer
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.warnings import warnings_of
from invoicing.tenants.email_identity import OperatorSettings
from invoicing.tenants.model import Tenant, TenantData
from tests import builders
from tests.builders import NOON, line_json
from tests.unit.test_pdf import squeezed, text_of

LEIPZIG = {"line1": "Marktplatz 3", "postal_code": "04109", "city": "Leipzig", "country": "DE"}
MARCH = {"start": "2026-03-01", "end": "2026-03-09"}
NO_SERVICE_DATE = ("DE-USTG-14-4-6", "/service_period")
NO_ADDRESS = ("DE-USTG-14-4-1", "/customer/address")


def issued(seller: dict[str, Any] | None = None, buyer: dict[str, Any] | None = None, **fields: Any) -> Invoice:
    """An invoice over 297.50 without a service date, of a German seller who declares nothing about it."""
    given_seller = {"service_date_is_issue_date": False, "legal_information": "HRB 4711", **(seller or {})}
    tenant = builders.tenant(**given_seller)
    address = Address(**LEIPZIG)
    customer = Buyer(**{"name": "Werft AG", "address": address, "tax_id": "DE136695976", **(buyer or {})})
    given = {"currency": "EUR", "lines": [line_json(unit_price="125.00")], **fields}
    data = NewInvoice.model_validate(given, strict=False).model_copy(update={"customer": customer})
    by = Caller.system(tenant.id)
    draft = Invoice.draft(new_id("inv", NOON), data, customer=None, tenant=tenant, moment=Moment(by, NOON, "UTC"))
    day = NOON.date()
    return finalized(draft, "INV-1", Parties(tenant, None), issue_date=day, moment=Moment(by, NOON, "UTC"))


def missing(**given: Any) -> list[tuple[str, str]]:
    with pytest.raises(LegalContentMissing) as refused:
        issued(**given)
    return [(one.code, one.pointer) for one in refused.value.errors]


def priced(gross: str, **fields: Any) -> dict[str, Any]:
    line = line_json(quantity="1", unit_price=gross, **fields)
    return {"price_tax_inclusive": True, "lines": [line]}


@pytest.mark.parametrize("einvoice_format", ["none", "zugferd"])
def test_a_german_invoice_needs_the_date_of_supply(einvoice_format: str) -> None:
    seller = {"einvoice_format": einvoice_format}
    assert missing(seller=seller) == [NO_SERVICE_DATE]
    assert issued(seller, service_period=MARCH).number
    assert issued(seller, lines=[line_json(unit_price="125.00", period=MARCH)]).number


def test_one_line_without_a_period_leaves_the_date_open() -> None:
    lines = [line_json(unit_price="125.00", period=MARCH), line_json()]
    assert missing(lines=lines) == [NO_SERVICE_DATE]


def test_an_invoice_up_to_250_euros_needs_less_content() -> None:
    nobody = {"address": None}
    assert issued(buyer=nobody, **priced("250.00")).number
    assert missing(buyer=nobody, **priced("250.01")) == [NO_ADDRESS, NO_SERVICE_DATE]


@pytest.mark.parametrize(
    ("fields", "small"),
    [
        ({"currency": "USD"}, False),
        ({"currency": "USD", "tax_currency": "EUR", "exchange_rate": "0.5"}, True),
        ({"currency": "USD", "tax_currency": "EUR", "exchange_rate": "2.6"}, False),
    ],
)
def test_small_is_measured_in_euros(fields: dict[str, Any], *, small: bool) -> None:
    given = {**priced("100.00"), **fields}
    if small:
        assert issued(**given).number
    else:
        assert missing(**given) == [NO_SERVICE_DATE]


def test_reverse_charge_is_never_a_small_invoice() -> None:
    lines = [line_json(unit_price="1.00", tax={"category": "AE"})]
    assert missing(lines=lines) == [NO_SERVICE_DATE]


@pytest.mark.parametrize(
    ("address", "complete"),
    [
        (None, False),
        ({"country": "DE"}, False),
        ({"country": "DE", "city": "Berlin"}, False),
        ({"country": "DE", "city": "Berlin", "postal_code": "11055"}, True),
        ({"country": "IE", "city": "Dublin", "line1": "1 Quay"}, True),
    ],
)
def test_the_buyers_address_is_complete(address: dict[str, str] | None, *, complete: bool) -> None:
    buyer = {"address": address and Address(**address)}
    if complete:
        assert issued(buyer=buyer, service_period=MARCH).number
    else:
        assert missing(buyer=buyer, service_period=MARCH) == [NO_ADDRESS]


UNTAXED = line_json(unit_price="200.00", tax={"category": "O"})
NAMELESS: dict[str, Any] = {"vat_id": None, "tax_number": None}


def test_an_invoice_outside_the_scope_of_vat_needs_no_content() -> None:
    """§ 14 UStG is about supplies in the scope of VAT; EN 16931 asks for no tax number either (BR-O-02)."""
    assert issued(seller=NAMELESS, buyer={"address": None}, lines=[UNTAXED]).number


def test_an_invoice_partly_in_the_scope_of_vat_needs_its_content() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        issued(seller=NAMELESS, lines=[UNTAXED, line_json()])
    found = [(one.code, one.pointer) for one in refused.value.errors]
    assert found == [("BR-S-02", "/lines/1/tax"), ("DE-USTG-14-4-2", "/seller/tax_number"), NO_SERVICE_DATE]


def test_one_refusal_names_rules_of_en_16931_and_of_the_law() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        issued(buyer={"tax_id": None}, lines=[line_json(tax={"category": "AE"})])
    assert [one.code for one in refused.value.errors] == ["BR-AE-02", "DE-USTG-14-4-6"]


def test_sellers_elsewhere_follow_their_own_law() -> None:
    vienna = Address(line1="Ring 1", postal_code="1010", city="Wien", country="AT")
    assert issued({"address": vienna, "vat_id": "ATU12345675"}, {"address": None}).number


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Leistungsdatum entspricht Rechnungsdatum"),
        ("en", "Date of supply same as invoice date"),
        ("fr", "Date de prestation celle de la facture"),
    ],
)
def test_a_tenant_can_declare_the_issue_date_as_date_of_supply(language: str, words: str) -> None:
    document = issued({"service_date_is_issue_date": True, "einvoice_format": "zugferd"}, language=language)
    assert document.service_period
    assert document.service_period.start == document.service_period.end == document.issue_date
    assert squeezed(words) in text_of(render_pdf(document))
    xml = render_xml(document, "zugferd").decode()
    assert words in xml
    assert "ActualDeliverySupplyChainEvent" in xml


def test_a_declared_date_replaces_no_period_that_is_known() -> None:
    declared = {"service_date_is_issue_date": True}
    whole = issued(declared, service_period=MARCH).service_period
    assert whole is not None
    assert f"{whole.end}" == "2026-03-09"
    assert issued(declared, lines=[line_json(unit_price="125.00", period=MARCH)]).service_period is None


def test_a_title_is_printed_beside_the_word_invoice() -> None:
    made = letter(issued(title="Lieferung März", service_period=MARCH, language="de"))
    assert (made["title"], made["subtitle"]) == ("Rechnung INV-1", "Lieferung März")


def test_missing_payment_details_give_a_warning() -> None:
    nowhere = issued({"bank_accounts": ()}, service_period=MARCH)
    [warning] = warnings_of(nowhere)
    assert (warning.code, warning.pointer) == ("NO_PAYMENT_MEANS", "/seller/bank_accounts")
    assert not list(warnings_of(issued(service_period=MARCH)))
    assert not list(warnings_of(issued({"bank_accounts": ()}, service_period=MARCH, payment_method="card")))


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        *(
            (f"Nord {form}", True)
            for form in ("GmbH", "AG", "SE", "GmbH & Co. KG", "KGaA", "OHG", "eG", "e.K.", "e. K.")
        ),
        *((f"Nord {form}", True) for form in ("gGmbH", "mbH", "UG", "UG (haftungsbeschränkt)", "GmbH & Co.KG")),
        *((name, False) for name in ("Ada Nord", "Nord GbR", "Nordtag", "Nord e.V.", "Nord GmbH i. G. Ada Nord")),
    ],
)
def test_missing_data_of_letters_give_a_warning(name: str, registered: bool) -> None:
    bare = {"legal_information": None, "name": name}
    warned = [(one.pointer, one.code) for one in warnings_of(issued(bare, service_period=MARCH))]
    assert warned == ([("/seller/legal_information", "LEGAL_INFORMATION_MISSING")] if registered else [])
    others = ({**bare, "legal_information": "HRB 1"}, {**bare, "address": Address(city="Linz", country="AT")})
    assert [list(warnings_of(issued(one, service_period=MARCH))) for one in others] == [[], []]


@pytest.mark.parametrize(
    ("country", "given", "format_"),
    [
        ("DE", {}, "zugferd"),
        ("FR", {}, "zugferd"),
        ("AT", {}, "none"),
        ("DE", {"einvoice_format": "none"}, "none"),
        ("AT", {"einvoice_format": "peppol"}, "peppol"),
    ],
)
def test_companies_in_germany_and_france_start_with_zugferd(country: str, given: dict[str, Any], format_: str) -> None:
    data = TenantData(name="Neu GmbH", address=Address(country=country), **given)
    assert Tenant.new(new_id("ten", NOON), data, OperatorSettings(), NOON).einvoice_format == format_
