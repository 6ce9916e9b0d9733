"""dunning.document_created → the letter"""

from invoicing.adapters.files import store_once
from invoicing.api.consume import BusEvent
from invoicing.api.declaration import Layer
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.documents.pdf import render_dunning_letter
from invoicing.domain.dunning_document_events import LetterRendered
from invoicing.domain.mail import OutgoingMail, Sending
from invoicing.domain.mail_events import ReminderRequested
from invoicing.workflows.dunning_words import words_of
from invoicing.workflows.letterheads import logo_of
from invoicing.workflows.undelivered import NO_ADDRESS, NOTHING_DUE, count_skipped, undone


@subscriber(
    "dunning.document_created",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.WRITE_FILES, Grant.PUT_ASIDE],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    timeout=120,
)
def handler(event: BusEvent, request: Request) -> None:
    """Render a reminder or dunning letter and ask for the mail that brings it."""
    store = request.store
    document = store.dunning_document(event.details["document_id"])
    invoice = store.invoice(document.invoice_id)
    tenant, customer = store.tenant_and_customer(invoice.customer_id)
    content = render_dunning_letter(
        document.model_dump(mode="json"),
        invoice.as_issued.model_dump(mode="json"),
        words_of(store, document, tenant).text,
        logo=logo_of(event.tenant_id, invoice.seller),
    )
    sha256 = store_once(event.tenant_id, document.pdf.id, content, "application/pdf")
    rendered = LetterRendered(file="pdf", sha256=sha256, size=len(content), document_id=document.id)
    after = document.rendered(sha256, len(content), request.now)
    recipients = customer.emails if customer else invoice.recipients
    if document.status != "open":
        store.commit(after, invoice, rendered)
    elif not recipients or not document.asks_for_payment(invoice):
        canceled, told = undone(store, after, invoice, NOTHING_DUE if recipients else NO_ADDRESS)
        store.commit(canceled, *told, rendered)
        count_skipped(told)
    else:
        to = Sending(to=recipients, attach_pdf=document.attach_invoice)
        mail = OutgoingMail.of(request.new_id("mail"), invoice.id, to, at=request.now, document_id=document.id)
        store.commit(after, invoice, rendered, ReminderRequested.of(mail), mail)
