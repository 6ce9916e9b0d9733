"""GET /invoices/{invoice_id}/xml"""

from invoicing.aws.grants import Grant
from invoicing.core.einvoice import xml_format_of
from invoicing.core.ids import InvoiceId
from invoicing.core.stored_file import document_name
from invoicing.documents.einvoice import render_xml
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Redirect, Xml, sent_or_stored
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import XmlQuery
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.gate import require_rules
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.notes.attached import attached_files


@endpoint(
    "GET",
    "/invoices/{invoice_id}/xml",
    scope="invoice:read",
    action=Action.GET_XML,
    grants=[Grant.READ, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    raises=[*OF_ITS_STATE, En16931RuleBroken, FileNotReady],
    portal=True,
)
def handler(invoice_id: InvoiceId, query: XmlQuery, request: Request) -> Xml | Redirect:
    """Download the e-invoice XML of an issued document.

    `format` defaults to the format that the document was issued in. A file above 4 MB is at the URL of a redirect.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.GET_XML)
    format_ = query.format or xml_format_of(invoice.einvoice_format) or "zugferd"
    document = invoice.as_issued
    require_rules(document, format_)
    files = attached_files(request.store, document)
    xml = Xml(render_xml(document, format_, files), document_name(invoice.number or invoice.id, "xml"))
    return sent_or_stored(xml, request.store.tenant_id, request.new_id("file"))
