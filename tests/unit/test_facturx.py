"""Factur-X: the content of the file, its metadata, and the results of other readers."""

import io
from collections.abc import Callable
from typing import Any

import facturx  # type: ignore[import-untyped]
import pikepdf
import pytest
from lxml import etree

from invoicing.documents.einvoice import EmbeddedFile, render_xml
from invoicing.documents.facturx import render_facturx, render_with_files
from invoicing.documents.pdf import render_pdf
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON
from tests.einvoices import MOMENT, issued
from tests.logos import png
from tests.pdf_files import broken_rules, embedded, fonts_of

INVOICE = issued()
XML = render_xml(INVOICE, "zugferd")
FILE = render_facturx(INVOICE, XML)
ATTACHED = [
    EmbeddedFile("Stunden.csv", "text/csv", b"Tag;Stunden", "Stundenzettel"),
    EmbeddedFile("Übersicht.ods", "application/vnd.oasis.opendocument.spreadsheet", bytes(range(256))),
]
FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
NAMES = {
    "fx": FX,
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


def changed(file: bytes, change: Callable[[pikepdf.Pdf], Any]) -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(file)) as pdf:
        change(pdf)
        pdf.save(made)
    return made.getvalue()


def metadata(file: bytes) -> etree._Element:
    with pikepdf.open(io.BytesIO(file)) as pdf:
        return etree.fromstring(pdf.Root.Metadata.read_bytes())


def test_the_xml_is_embedded_once_as_an_alternative() -> None:
    assert embedded(FILE) == {"factur-x.xml": XML}
    with pikepdf.open(io.BytesIO(FILE)) as pdf:
        [attached] = pdf.Root.AF
        assert attached.AFRelationship == "/Alternative"
        assert str(attached.UF) == "factur-x.xml"
        assert attached.EF.F.Subtype == "/text/xml"
        assert attached.objgen == pdf.Root.Names.EmbeddedFiles.Names[1].objgen
        assert [page for page in pdf.pages if "/AF" in page] == []


def test_the_metadata_names_file_standard_and_profile() -> None:
    assert FILE.count(b"<rdf:RDF") == 1
    packet = metadata(FILE)
    said = {etree.QName(one).localname: one.text for one in packet.iterfind(".//fx:*", NAMES)}
    assert said == {
        "DocumentFileName": "factur-x.xml",
        "DocumentType": "INVOICE",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    [schemas] = packet.iterfind(".//pdfaExtension:schemas/rdf:Bag", NAMES)
    [ours] = [one for one in schemas if one.findtext("pdfaSchema:namespaceURI", None, NAMES) == FX]
    assert ours.findtext("pdfaSchema:prefix", None, NAMES) == "fx"
    described = ours.iterfind("pdfaSchema:property/rdf:Seq/rdf:li", NAMES)
    assert {one.findtext("pdfaProperty:name", None, NAMES) for one in described} == said.keys()


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        render_facturx(INVOICE, XML, logo=png()),
        render_pdf(INVOICE),
        render_facturx(INVOICE, XML, ATTACHED),
        render_with_files(INVOICE, ATTACHED),
    ],
    ids=["with XML", "with XML and logo", "without", "with XML and files", "with files"],
)
def test_the_file_is_valid_pdf_a_3b(file: bytes) -> None:
    assert broken_rules(file) == []
    with pikepdf.open(io.BytesIO(file)) as pdf:
        assert pdf.check_pdf_syntax() == []  # the results of `qpdf --check`
        assert str(pdf.Root.Lang) == "de"
        assert str(pdf.docinfo["/Title"]) == "Rechnung INV-2026-000001"
        assert "/StructTreeRoot" in pdf.Root  # which marks headings, tables and cells
        assert pdf.Root.MarkInfo.Marked


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda pdf: pdf.Root.__delitem__("/OutputIntents"), "output-intent"),
        (lambda pdf: pdf.Root.__setitem__("/OpenAction", pikepdf.Dictionary(S="/JavaScript")), "schema-Catalog"),
        (lambda pdf: pdf.Root.AF[0].__delitem__("/AFRelationship"), "6.8"),
        (lambda pdf: pdf.Root.AF[0].EF.F.__delitem__("/Subtype"), "6.8"),
        (lambda pdf: pdf.Root.__delitem__("/Metadata"), "6.6.2.1"),
        (lambda pdf: fonts_of(pdf)[0].FontDescriptor.CIDSet.write(b"\xf0"), "6.2.11.4.2"),
    ],
)
def test_the_checker_refuses_other_files_than_pdf_a_3b(change: Callable[[pikepdf.Pdf], Any], rule: str) -> None:
    assert any(rule in one for one in broken_rules(changed(FILE, change)))


def test_the_common_reader_library_finds_it_valid() -> None:
    assert facturx.get_facturx_xml_from_pdf(FILE, check_xsd=True) == ("factur-x.xml", XML)
    assert facturx.get_facturx_level(etree.fromstring(XML)) == "en16931"


def test_the_same_document_and_xml_give_the_same_bytes() -> None:
    other = render_facturx(INVOICE.model_copy(update={"number": "INV-2"}), XML)
    assert render_facturx(INVOICE, XML) == FILE != other


def test_a_cancellation_has_its_own_xml() -> None:
    document = cancellation(INVOICE, [], "CAN-1", day=NOON.date(), moment=MOMENT).document
    xml = render_xml(document, "zugferd")
    file = render_facturx(document, xml)
    assert embedded(file) == {"factur-x.xml": xml} != embedded(FILE)
    assert broken_rules(file) == []


@pytest.mark.parametrize("xml", [XML, None], ids=["with XML", "without"])
def test_attached_files_are_associated_with_the_document(xml: bytes | None) -> None:
    def rendered() -> bytes:
        return render_facturx(INVOICE, xml, ATTACHED) if xml else render_with_files(INVOICE, ATTACHED)

    file = rendered()
    assert file == rendered(), "the same files give the same bytes"
    assert embedded(file) == {one.name: one.content for one in ATTACHED} | ({"factur-x.xml": xml} if xml else {})
    with pikepdf.open(io.BytesIO(file)) as pdf:
        found = [one for one in pdf.Root.AF if one.AFRelationship == "/Supplement"]
        assert [str(one.UF) for one in found] == [one.name for one in ATTACHED]
        assert [str(one.Desc) for one in found] == ["Stundenzettel", "Übersicht.ods"]
        assert [str(one.EF.F.Subtype)[1:] for one in found] == [one.content_type for one in ATTACHED]
        assert {str(one.EF.F.Params.ModDate) for one in found} == {"D:20260310000000Z"}
        assert len(pdf.Root.AF) == len(ATTACHED) + bool(xml)
