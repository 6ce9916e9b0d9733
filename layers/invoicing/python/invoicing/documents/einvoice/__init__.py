"""E-invoices (EN 16931) of issued documents: Factur-X/ZUGFeRD, XRechnung in both syntaxes, Peppol BIS Billing."""

from collections.abc import Sequence

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.documents.einvoice.cii import cii
from invoicing.documents.einvoice.mapping import terms_of
from invoicing.documents.einvoice.terms import EmbeddedFile
from invoicing.documents.einvoice.ubl import ubl
from invoicing.invoices.model import Invoice

__all__ = ["EmbeddedFile", "render_xml"]
_SYNTAXES = {"cii": cii, "ubl": ubl}


def render_xml(document: Invoice, format_: XmlFormat, attachments: Sequence[EmbeddedFile] = ()) -> bytes:
    """The XML of an issued document, as its files show it. The same document gives the same bytes.

    `issuing.einvoice_rules` checks that the document has the terms that the format requires.
    """
    terms = terms_of(document, format_, attachments)
    return _SYNTAXES[FORMATS[format_].syntax](terms)
