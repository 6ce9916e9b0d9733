"""Details of a line: in the XML, on the pages, and on copies, credit notes and cancellations."""

from typing import Any

import pytest

from invoicing.core.einvoice import XmlFormat
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.drafting import corrected, duplicated
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.en16931 import places
from tests.unit.test_einvoice import Read
from tests.validators import findings

DETAILS: dict[str, Any] = {
    "note": "Ohne Gewähr\nzweite Zeile",
    "object_id": "Z-128",
    "object_scheme": "AVE",
    "order_line": "132",
    "accounting_code": "KST-133",
    "item_id": "A-155",
    "buyer_item_id": "B-156",
    "standard_item_id": "04012345678901",
    "standard_item_scheme": "0160",
    "classifications": [{"id": "65434568", "scheme": "STI", "version": "2008"}, {"id": "8205", "scheme": "HS"}],
    "origin_country": "SE",
    "attributes": [{"name": "Farbe", "value": "rot"}, {"name": "Größe", "value": "M"}],
    "serial_number": "SN-9",
}
READ = {
    "BT-127": ["Ohne Gewähr\nzweite Zeile"],
    "BT-128": ["Z-128"],
    "BT-128-1": ["AVE"],
    "BT-132": ["132"],
    "BT-133": ["KST-133"],
    "BT-155": ["A-155"],
    "BT-156": ["B-156"],
    "BT-157": ["04012345678901"],
    "BT-157-1": ["0160"],
    "BT-158": ["65434568", "8205"],
    "BT-158-1": ["STI", "HS"],
    "BT-158-2": ["2008"],
    "BT-159": ["SE"],
    "BT-160": ["Seriennummer", "Farbe", "Größe"],
    "BT-161": ["SN-9", "rot", "M"],
}


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_contains_every_detail(format_: XmlFormat) -> None:
    document = issued(lines=[line_json(**DETAILS)])
    note = cancellation(document, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    for one in (document, note):
        xml = render_xml(one, format_)
        assert [found for found in findings(xml, format_) if found.fatal] == []
        read = Read(xml, format_)
        assert {term: read.texts(*places(term)) for term in READ} == READ


def test_codes_of_a_line_are_in_the_lists() -> None:
    wrong = {
        "object_scheme": "QQQ",
        "standard_item_scheme": "9999",
        "origin_country": "XX",
        "classifications": [{"id": "1", "scheme": "QQQ"}],
    }
    with pytest.raises(En16931RuleBroken) as refused:
        issued(lines=[line_json(**{**DETAILS, **wrong})], buyer={"einvoice_format": "xrechnung"})
    assert {(one.pointer, one.code) for one in refused.value.errors} == {
        ("/lines/0/object_scheme", "BR-CL-07"),
        ("/lines/0/standard_item_scheme", "BR-CL-21"),
        ("/lines/0/origin_country", "BR-CL-15"),
        ("/lines/0/classifications/0/scheme", "BR-CL-13"),
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"object_scheme": "AVE"}, "object_scheme requires object_id"),
        ({"standard_item_id": "1"}, "require each other"),
        ({"standard_item_scheme": "0160"}, "require each other"),
        ({"classifications": [{"id": "1"}]}, "scheme"),
        ({"attributes": [{"name": "Farbe"}]}, "value"),
    ],
)
def test_details_that_need_each_other(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        issued(lines=[line_json(**fields)])


@pytest.mark.parametrize(
    ("language", "notes"),
    [
        ("de", "Artikelnr. A-155 · Ihre Artikelnr. B-156 · Standardnr. 04012345678901 · Objekt Z-128 · "
               "Ihre Bestellposition 132 · Ursprung: Schweden · "
               "Klassifikation 65434568 (STI 2008) · Klassifikation 8205 (HS) · "
               "Farbe: rot · Größe: M · Seriennr. SN-9"),
        ("en", "Item no. A-155 · Your item no. B-156 · Standard no. 04012345678901 · Object Z-128 · "
               "Your order item 132 · Origin: Sweden · "
               "Classification 65434568 (STI 2008) · Classification 8205 (HS) · "
               "Farbe: rot · Größe: M · Serial no. SN-9"),
        ("fr", "Réf. A-155 · Votre réf. B-156 · Réf. standard 04012345678901 · Objet Z-128 · "
               "Ligne de votre commande 132 · Origine\u00a0: Suède · "
               "Classification 65434568 (STI 2008) · Classification 8205 (HS) · "
               "Farbe: rot · Größe: M · N° de série SN-9"),
    ],
)  # fmt: skip
def test_the_pages_show_the_details(language: str, notes: str) -> None:
    made = letter(issued(lines=[line_json(**DETAILS)], language=language).listed)
    [line] = made["lines"]
    assert (line["notes"], line["description"]) == (notes, DETAILS["note"])


def test_a_duplicate_keeps_the_details_of_the_article() -> None:
    document = issued(lines=[line_json(**DETAILS)])
    [again], [instead] = duplicated(document).lines, corrected(document).lines
    [line] = document.lines
    lost = {name for name in DETAILS if getattr(again, name) != getattr(line, name)}
    assert lost == {"order_line", "serial_number"}
    assert all(getattr(instead, name) == getattr(line, name) for name in DETAILS)
