"""Packages: lines that are printed together, under the name of their package and with a subtotal."""

from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.einvoice import XmlFormat
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.drafts.drafting import corrected, duplicated
from invoicing.invoices.model import Invoice
from invoicing.settlement.credit import CreditData, CreditedPart
from invoicing.settlement.credit_note import credit_note
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.en16931 import places
from tests.unit.test_einvoice import Read
from tests.unit.test_pdf import opened, page_text, squeezed, text_of
from tests.validators import findings

LINES = [
    line_json(name="Design", quantity="2", unit_price="100.00", package_name="Website"),
    line_json(name="Hosting", quantity="1", unit_price="30.00"),
    line_json(name="Texts", quantity="3", unit_price="50.00", package_name="Website", note="In two languages"),
    line_json(name="Ads", quantity="1", unit_price="80.00", package_name="Campaign"),
]


def invoice(**fields: Any) -> Invoice:
    return issued(**{"lines": LINES, "language": "en", **fields})


def rows(document: Invoice) -> list[tuple[str, str, Any, Any]]:
    return [(row["position"], row["name"], row["package"], row["subtotal"]) for row in letter(document.listed)["lines"]]


def test_lines_of_a_package_are_printed_together_with_a_subtotal() -> None:
    assert rows(invoice()) == [
        ("1", "Design", "Website", None),
        ("3", "Texts", None, ["Subtotal Website", "350.00"]),
        ("2", "Hosting", None, None),
        ("4", "Ads", "Campaign", ["Subtotal Campaign", "80.00"]),
    ]


def test_running_totals_follow_the_printed_order() -> None:
    assert letter(invoice().listed)["carried"] == ["€200.00", "€350.00", "€380.00", "€460.00"]


def test_a_subtotal_is_in_the_price_mode_of_the_document() -> None:
    [*_, last] = rows(invoice(price_tax_inclusive=True))
    assert last[3] == ["Subtotal Campaign", "80.00"]


def test_packages_do_not_change_the_sums() -> None:
    plain = invoice(lines=[{name: value for name, value in line.items() if name != "package_name"} for line in LINES])
    grouped = invoice()
    sums = ("subtotal", "tax", "total", "due", "tax_breakdown")
    assert [getattr(grouped, name) for name in sums] == [getattr(plain, name) for name in sums]


def test_the_pages_show_name_lines_and_subtotal_in_order() -> None:
    text = text_of(render_pdf(invoice()))
    order = ("Website", "Design", "Texts", "Subtotal Website", "Hosting", "Campaign", "Ads", "Subtotal Campaign")
    found = [text.index(squeezed(words)) for words in order]
    assert found == sorted(found)


def test_the_name_of_a_package_stays_with_its_first_line() -> None:
    apart = set()
    for before in range(12, 26, 2):
        lines = [*(line_json(name="Thing") for _ in range(before)), line_json(name="Design", package_name="Website")]
        with opened(render_pdf(invoice(lines=lines))) as pdf:
            pages = ["Website" in page_text(page) for page in pdf.pages]
            assert pages == ["Design" in page_text(page) for page in pdf.pages]
        apart.add(pages.index(True))
    assert apart == {0, 1}, "the package is on the first page or on the second one"


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_names_the_package_in_the_note_of_the_line(format_: XmlFormat) -> None:
    xml = render_xml(invoice(), format_)
    assert [found for found in findings(xml, format_) if found.fatal] == []
    notes = Read(xml, format_).texts(*places("BT-127"))
    assert notes == ["Package: Website", "Package: Website\nIn two languages", "Package: Campaign"]


def test_copies_keep_the_packages_of_the_lines() -> None:
    packages = [line.get("package_name") for line in LINES]
    for copy in (duplicated(invoice()), corrected(invoice())):
        assert [line.package_name for line in copy.lines] == packages


def test_a_credit_note_shows_the_packages_of_its_lines() -> None:
    document = invoice()
    data = CreditData(lines=(CreditedPart(line_id=document.lines[2].id, quantity=Decimal(1)),))
    credited = credit_note(document, (), data, "CN-1", day=NOON.date(), moment=MOMENT).document
    assert rows(credited) == [("1", "Texts", "Website", ["Subtotal Website", "50.00"])]
