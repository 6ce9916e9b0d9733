"""Files inside the PDF of an invoice: the e-invoice of Factur-X (ZUGFeRD), which metadata declares, and attachments."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import pikepdf
from lxml import etree

from invoicing.core.einvoice import FACTURX_NAME, FORMATS, xml_format_of
from invoicing.documents.einvoice.terms import EmbeddedFile
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.model import Invoice

_FX: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXTENSION: Final = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA: Final = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY: Final = "http://www.aiim.org/pdfa/ns/property#"

# PDF/A allows only properties that it defines or that the file itself describes. Typst writes neither.
_PROPERTIES: Final = {
    "DocumentFileName": (FACTURX_NAME, "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the hybrid document"),
    "Version": ("1.0", "The version of the standard that the embedded XML document follows"),
    "ConformanceLevel": (None, "The conformance level of the embedded XML document"),
}


def render_facturx(
    document: Invoice,
    xml: bytes,
    files: Sequence[EmbeddedFile] = (),
    *,
    logo: bytes | None = None,
    letterhead: Sequence[bytes] = (),
) -> bytes:
    """The document with its XML as an alternative to the pages. The same invoice and XML give the same bytes."""
    with pikepdf.open(BytesIO(render_pdf(document, xml, logo=logo, letterhead=letterhead))) as pdf:
        metadata = pdf.Root.Metadata
        metadata.write(_with_facturx(metadata.read_bytes(), _profile(document)))
        return _with_files(pdf, document, files)


def render_with_files(
    document: Invoice, files: Sequence[EmbeddedFile], *, logo: bytes | None = None, letterhead: Sequence[bytes] = ()
) -> bytes:
    """The document with the files that support it. The same invoice and files give the same bytes."""
    with pikepdf.open(BytesIO(render_pdf(document, logo=logo, letterhead=letterhead))) as pdf:
        return _with_files(pdf, document, files)


def _with_files(pdf: pikepdf.Pdf, document: Invoice, files: Sequence[EmbeddedFile]) -> bytes:
    """The PDF with associated files (ISO 19005-3, 6.8), each with its media type, date and relationship."""
    day = (document.issue_date or document.created_at.date()).strftime("D:%Y%m%d000000Z")
    for file in files:
        spec = pikepdf.AttachedFileSpec(
            pdf,
            file.content,
            description=file.description or file.name,
            filename=file.name,
            mime_type=file.content_type,
            creation_date=day,
            mod_date=day,
        )
        spec.relationship = pikepdf.Name.Supplement
        pdf.attachments[file.name] = spec
    made = BytesIO()
    # Nothing else changes: streams stay as they are, and the identifier follows from the content.
    pdf.save(
        made,
        deterministic_id=True,
        fix_metadata_version=False,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return made.getvalue()


def _profile(document: Invoice) -> str:
    """The profile of the XML. Documents with another format are read as plain invoices."""
    format_ = xml_format_of(document.einvoice_format) or "zugferd"
    return FORMATS[format_].conformance or FORMATS["zugferd"].conformance or ""


def _with_facturx(metadata: bytes, profile: str) -> bytes:
    packet = etree.ElementTree(etree.fromstring(metadata))
    description = packet.find(f".//{{{_RDF}}}Description")
    # A file has one list of described schemas: a second would make it invalid.
    schemas = packet.find(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag")
    if description is None or schemas is None:
        raise ValueError("The file's metadata is not what PDF/A asks for.")
    for name, (value, _) in _PROPERTIES.items():
        etree.SubElement(description, f"{{{_FX}}}{name}", nsmap={"fx": _FX}).text = value or profile
    schemas.append(_schema())
    return etree.tostring(packet, encoding="utf-8")


def _schema() -> etree._Element:
    schema = _resource()
    for name, value in {"schema": "Factur-X PDFA Extension Schema", "namespaceURI": _FX, "prefix": "fx"}.items():
        etree.SubElement(schema, f"{{{_SCHEMA}}}{name}").text = value
    described = etree.SubElement(etree.SubElement(schema, f"{{{_SCHEMA}}}property"), f"{{{_RDF}}}Seq")
    for name, (_, description) in _PROPERTIES.items():
        one = _resource()
        facts = {"name": name, "valueType": "Text", "category": "external", "description": description}
        for part, value in facts.items():
            etree.SubElement(one, f"{{{_PROPERTY}}}{part}").text = value
        described.append(one)
    return schema


def _resource() -> etree._Element:
    names = {"rdf": _RDF, "pdfaSchema": _SCHEMA, "pdfaProperty": _PROPERTY}
    return etree.Element(f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"}, nsmap=names)
