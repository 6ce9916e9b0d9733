"""invoice.finalized → its files"""

from collections.abc import Iterator

from invoicing.adapters.files import store_once
from invoicing.api.consume import BusEvent
from invoicing.api.declaration import Layer
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.documents.einvoice import render_xml
from invoicing.documents.pdf import render_pdf
from invoicing.domain.einvoice import SENT_AS_XML, XML_OF
from invoicing.domain.event import Event
from invoicing.domain.events import DocumentRendered
from invoicing.domain.invoice import Invoice
from invoicing.domain.mail import OutgoingMail, Sending
from invoicing.domain.mail_events import EmailRequested
from invoicing.domain.stored_file import CONTENT_TYPES, FileKind
from invoicing.workflows.letterheads import logo_of


@subscriber(
    "invoice.finalized",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.WRITE_FILES, Grant.PUT_ASIDE],
    layers=[Layer.DOCUMENTS, Layer.FACTURX],
    memory=1769,
    timeout=120,
)
def handler(event: BusEvent, request: Request) -> None:
    """Render an issued document and its e-invoice, and store both under their hash; then it can be sent."""
    invoice = request.store.invoice(event.resource.id)
    after, told = invoice, list[Event]()
    for kind, content in _files(invoice.as_issued, logo_of(event.tenant_id, invoice.seller)):
        sha256 = store_once(event.tenant_id, invoice.files[kind].id, content, CONTENT_TYPES[kind])
        told.append(DocumentRendered(file=kind, sha256=sha256, size=len(content)))
        after = after.rendered(kind, sha256, len(content), request.now)
    if event.details.get("send"):
        to = Sending(to=invoice.recipients, attach_xml=invoice.einvoice_format in SENT_AS_XML)
        mail = OutgoingMail.of(request.new_id("mail"), invoice.id, to, at=request.now)
        request.store.commit(after, *told, EmailRequested.of(mail), mail)
    else:
        request.store.commit(after, *told)


def _files(invoice: Invoice, logo: bytes | None) -> Iterator[tuple[FileKind, bytes]]:
    format_, shown = XML_OF[invoice.einvoice_format], invoice.model_dump(mode="json")
    xml = None if format_ is None else render_xml(invoice, format_)
    if xml is not None:
        yield "xml", xml
    if xml is not None and format_ == "zugferd":
        # What puts one file into the other is loaded only where that is asked for.
        from invoicing.documents.facturx import render_facturx

        yield "pdf", render_facturx(shown, xml, logo=logo)
    else:
        yield "pdf", render_pdf(shown, logo=logo)
