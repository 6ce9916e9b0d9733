"""GET /invoices/{invoice_id}/xml"""

from invoicing.api.declaration import Layer
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.einvoices import XmlQuery
from invoicing.api.responses import Xml
from invoicing.documents.einvoice import render_xml
from invoicing.domain.einvoice import XML_OF, require_rules
from invoicing.domain.en16931 import En16931RuleBroken
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.stored_file import document_name


@endpoint(
    "GET",
    "/invoices/{invoice_id}/xml",
    scope="invoice:read",
    action=Action.GET_XML,
    grants=[Grant.READ],
    layers=[Layer.DOCUMENTS],
    raises=[InvoiceNotFound, AccessDenied, InvalidState, En16931RuleBroken],
    portal=True,
)
def handler(invoice_id: InvoiceId, query: XmlQuery, request: Request) -> Xml:
    """Download the e-invoice XML of an issued document.

    `format` defaults to the format that the document was issued in.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.GET_XML)
    format_ = query.format or XML_OF[invoice.einvoice_format] or "zugferd"
    document = invoice.as_issued
    require_rules(document, format_)
    return Xml(render_xml(document, format_), document_name(invoice.number or invoice.id, "xml"))
