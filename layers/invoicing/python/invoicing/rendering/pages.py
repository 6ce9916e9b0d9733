"""The PDF of a document that is no alternative to an XML: the pages, and the files that the document contains."""

from collections.abc import Sequence

from invoicing.document_forms.stationery import Stationery
from invoicing.documents.einvoice import EmbeddedFile
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.model import Invoice


def render_pages(document: Invoice, stationery: Stationery, files: Sequence[EmbeddedFile]) -> bytes:
    """The document as PDF/A-3b, with the files that support it."""
    logo, letterhead = stationery
    if not files:
        return render_pdf(document, logo=logo, letterhead=letterhead)
    # Writing files into a PDF needs a large library, so it is loaded for documents with such files only.
    from invoicing.documents.facturx import render_with_files

    return render_with_files(document, files, logo=logo, letterhead=letterhead)
