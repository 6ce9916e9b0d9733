"""References of a document: in the XML, on the pages, and on copies, credit notes and cancellations."""

from typing import Any

import pytest

from invoicing.core.einvoice import XmlFormat
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.drafting import corrected, duplicated
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.en16931 import TERMS as EN16931
from tests.unit.test_einvoice import Read
from tests.validators import findings

REFERENCES: dict[str, Any] = {
    "project_reference": "P-11",
    "sales_order_id": "AB-14",
    "receiving_reference": "WE-15",
    "despatch_reference": "LS-16",
    "tender_reference": "V-17",
    "object_id": "Z-18",
    "object_scheme": "AVE",
    "accounting_reference": "KST-19",
}
OF_ONE_DELIVERY = {"sales_order_id", "receiving_reference", "despatch_reference"}
TERMS = {row.source.removeprefix("invoice."): row.places for row in EN16931.values()}


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_contains_every_reference(format_: XmlFormat) -> None:
    document = issued(**REFERENCES)
    note = cancellation(document, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    for one in (document, note):
        xml = render_xml(one, format_)
        assert [found for found in findings(xml, format_) if found.fatal] == []
        read = Read(xml, format_)
        assert {name: read.text(*TERMS[name]) for name in REFERENCES} == REFERENCES


def test_an_order_of_the_seller_alone_is_written() -> None:
    xml = render_xml(issued(sales_order_id="AB-14", purchase_order_id=None), "peppol")
    assert [found for found in findings(xml, "peppol") if found.fatal] == []
    assert Read(xml, "peppol").texts("", "//cac:OrderReference/*") == ["NA", "AB-14"]


def test_the_scheme_of_an_object_is_in_the_list() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        issued(**{**REFERENCES, "object_scheme": "QQQ"}, buyer={"einvoice_format": "xrechnung"})
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/object_scheme", "BR-CL-07")]
    with pytest.raises(ValueError, match="object_scheme requires object_id"):
        issued(object_scheme="AVE")


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("de", "Unser Auftrag, Projekt, Vergabe, Objekt, Lieferschein, Wareneingang, Ihre Kostenstelle"),
        ("en", "Our order, Project, Tender, Object, Delivery note, Receiving advice, Your cost center"),
        ("fr", "Notre commande, Projet, Marché, Objet, Bon de livraison, Avis de réception, Votre imputation"),
    ],
)
def test_the_pages_show_every_reference(language: str, labels: str) -> None:
    facts = dict(letter(issued(**REFERENCES, language=language).listed)["facts"])
    shown = {label: facts[label] for label in labels.split(", ")}
    assert set(shown.values()) == set(REFERENCES.values()) - {"AVE"}


def test_a_duplicate_leaves_out_references_of_one_delivery() -> None:
    document = issued(**REFERENCES)
    again, instead = duplicated(document), corrected(document)
    assert {name: getattr(instead, name) for name in REFERENCES} == REFERENCES
    kept = {name for name in REFERENCES if getattr(again, name) is not None}
    assert kept == set(REFERENCES) - OF_ONE_DELIVERY
