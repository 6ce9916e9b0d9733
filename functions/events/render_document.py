"""invoice.finalized → the PDF"""

from invoicing.adapters.files import store_once
from invoicing.api.consume import BusEvent
from invoicing.api.declaration import Layer
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.documents.pdf import render_pdf
from invoicing.domain.events import DocumentRendered
from invoicing.domain.mail import OutgoingMail, Sending
from invoicing.domain.mail_events import EmailRequested


@subscriber(
    "invoice.finalized",
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    timeout=120,
)
def handler(event: BusEvent, request: Request) -> None:
    """Render an issued document and store it under its hash; then it can be sent."""
    invoice = request.store.invoice(event.resource.id)
    content = render_pdf(invoice.as_issued.model_dump(mode="json"))
    sha256 = store_once(event.tenant_id, invoice.files["pdf"].id, content, "application/pdf")
    rendered = DocumentRendered(file="pdf", sha256=sha256, size=len(content))
    after = invoice.rendered("pdf", sha256, len(content), request.now)
    if event.details.get("send"):
        to = Sending(to=invoice.recipients)
        mail = OutgoingMail.of(request.new_id("mail"), invoice.id, to, at=request.now)
        request.store.commit(after, rendered, EmailRequested.of(mail), mail)
    else:
        request.store.commit(after, rendered)
