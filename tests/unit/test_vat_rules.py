"""The requirements of EN 16931 on a whole document for each VAT category."""

from typing import Any

import pytest

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.party import Address, Buyer
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.finalizing import Parties, finalized
from tests import builders
from tests.builders import NOON

TAXES: dict[str, dict[str, Any]] = {
    "S": {"category": "S", "rate": "19"},
    "Z": {"category": "Z"},
    "E": {"category": "E", "exemption_reason": "§ 4 Nr. 14 UStG"},
    "AE": {"category": "AE"},
    "K": {"category": "K"},
    "G": {"category": "G"},
    "O": {"category": "O"},
    "L": {"category": "L", "rate": "7"},
    "M": {"category": "M", "rate": "4"},
}
SHIP_TO = {"line1": "Rue de la Paix 1", "postal_code": "75002", "city": "Paris", "country": "FR"}
MARCH = {"start": "2026-03-01", "end": "2026-03-09"}


def issued(
    *categories: str, seller: dict[str, Any] | None = None, buyer: dict[str, Any] | None = None, **fields: Any
) -> Invoice:
    """An invoice with a line of each category, issued."""
    tenant = builders.tenant(**(seller or {}))
    lines = [builders.line_json(tax=TAXES[category]) for category in categories]
    given = NewInvoice.model_validate(builders.invoice_json(lines=lines, **fields), strict=False)
    address = Address(**SHIP_TO)
    customer = Buyer(**{"name": "Atelier Dupont", "tax_id": "FR40303265045", "address": address, **(buyer or {})})
    caller = Caller.system(tenant.id)
    draft = Invoice.draft(
        new_id("inv", NOON),
        given.model_copy(update={"customer": customer}),
        customer=None,
        tenant=tenant,
        moment=Moment(caller, NOON, "UTC"),
    )
    today = caller.cached_today(NOON)
    return finalized(draft, "INV-1", Parties(tenant, None), issue_date=today, moment=Moment(caller, NOON, "UTC"))


def broken(*categories: str, **given: Any) -> list[tuple[str, str]]:
    """Rule and pointer of each violation."""
    with pytest.raises(En16931RuleBroken) as refused:
        issued(*categories, **given)
    assert all(one.code in one.message for one in refused.value.errors if one.code.startswith("BR-"))
    return [(violation.code, violation.pointer) for violation in refused.value.errors]


NOBODY = {"vat_id": None, "tax_number": None}
IN_XML = {"einvoice_format": "zugferd", "legal_id": "HRB 12345"}
TAX_NUMBER = {"vat_id": None, "tax_number": "27/123/45678"}


@pytest.mark.parametrize("category", [*TAXES])
def test_a_complete_document_of_each_category_is_issued(category: str) -> None:
    assert issued(category, ship_to=SHIP_TO, service_period=MARCH).number == "INV-1"


@pytest.mark.parametrize(
    ("category", "rule"), [("S", "BR-S"), ("Z", "BR-Z"), ("E", "BR-E"), ("AE", "BR-AE"), ("L", "BR-AF"), ("M", "BR-AG")]
)
def test_the_seller_has_a_vat_id_or_a_tax_number(category: str, rule: str) -> None:
    assert broken(category, seller=NOBODY)[0] == (f"{rule}-02", "/lines/0/tax")
    assert issued(category, seller=TAX_NUMBER).seller


@pytest.mark.parametrize(("category", "rule"), [("K", "BR-IC-02"), ("G", "BR-G-02")])
def test_across_borders_a_tax_number_is_not_enough(category: str, rule: str) -> None:
    found = broken(category, seller={**TAX_NUMBER, **IN_XML}, ship_to=SHIP_TO, service_period=MARCH)
    assert found == [(rule, "/lines/0/tax")]


def test_the_buyer_who_owes_the_tax_is_identified() -> None:
    assert broken("AE", buyer={"tax_id": None}) == [("BR-AE-02", "/lines/0/tax")]
    assert issued("AE", buyer={"tax_id": None, "legal_id": "RCS Paris 303 265 045"}).customer


def test_an_intra_community_supply_has_buyer_date_and_place() -> None:
    unknown = {"tax_id": None, "legal_id": "RCS Paris 303 265 045"}
    assert broken("K", seller={"service_date_is_issue_date": False}, buyer=unknown)[:3] == [
        ("BR-IC-02", "/lines/0/tax"),
        ("BR-IC-11", "/service_period"),
        ("BR-IC-12", "/ship_to"),
    ]


def test_each_rule_points_at_the_first_line_that_breaks_it() -> None:
    found = broken("S", "S", "AE", "AE", buyer={"tax_id": None})
    assert found == [("BR-AE-02", "/lines/2/tax")]


def test_shipping_with_its_own_tax_has_its_own_rules() -> None:
    shipping = {"amount": "5.00", "tax": TAXES["AE"]}
    assert broken("S", buyer={"tax_id": None}, shipping=shipping) == [("BR-AE-04", "/shipping/tax")]


def test_the_outside_scope_category_is_alone_in_xml() -> None:
    given: dict[str, Any] = {"seller": IN_XML}
    assert broken("O", "S", **given) == [("BR-O-11", "/lines"), ("BR-O-12", "/lines/1/tax")]
    everything = broken("S", "O", discount={"percent": "5"}, shipping={"amount": "5.00"}, **given)
    assert everything == [
        ("BR-O-11", "/lines"),
        ("BR-O-12", "/lines/0/tax"),
        ("BR-O-13", "/discount"),
        ("BR-O-14", "/shipping"),
    ]
    own = broken("O", discount={"percent": "5"}, shipping={"amount": "5.00", "tax": TAXES["S"]}, **given)
    assert own == [("BR-O-11", "/lines"), ("BR-O-14", "/shipping/tax")]


def test_rules_of_the_xml_do_not_bind_a_document_on_paper() -> None:
    assert issued("O", "S", discount={"percent": "5"}, shipping={"amount": "5.00"}).number
    assert issued("G", seller=TAX_NUMBER, ship_to=SHIP_TO, service_period=MARCH).number


def test_every_document_names_both_vat_ids() -> None:
    for category in ("O", "S"):
        document = issued(category, discount={"percent": "5"}, shipping={"amount": "5.00"})
        assert document.seller
        assert document.customer
        assert (document.seller.vat_id, document.customer.tax_id) == ("DE123456788", "FR40303265045")


def test_a_tax_currency_needs_its_rate_in_every_format() -> None:
    assert broken("S", tax_currency="CHF") == [("BR-53", "/exchange_rate")]
    assert issued("S", tax_currency="CHF", exchange_rate="0.93").number
    assert issued("S", tax_currency="EUR").number


@pytest.mark.parametrize("other", ["Z", "E", "AE", "G", "L", "M"])
def test_all_other_categories_can_be_combined(other: str) -> None:
    assert issued("S", other).number
