"""dunning.document_created → the letter"""

from collections.abc import Sequence

from invoicing.aws.files import store_once
from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.customers.table import tenant_and_customer
from invoicing.document_forms.stationery import stationery_of
from invoicing.documents.pdf import render_dunning_letter
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.events import LetterRendered
from invoicing.dunning.undelivered import NO_ADDRESS, NOTHING_DUE, count_skipped, undone
from invoicing.dunning.words import words_of
from invoicing.http.declaration import Layer
from invoicing.http.request import Request
from invoicing.invoices.event import about_document
from invoicing.invoices.model import Invoice
from invoicing.mail.events import ReminderRequested
from invoicing.mail.model import OutgoingMail, Sending
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store


@bus_event(
    "dunning.document_created",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.WRITE_FILES, Grant.RETAIN_FILES, Grant.SEND_TO_DLQ],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    timeout=120,
    batch=1,
)
def handler(event: BusEvent, request: Request) -> None:
    """Render a reminder or dunning letter and request its e-mail."""
    store = request.store
    document = store.get(DunningDocument, event.details["document_id"])
    invoice = store.get(Invoice, document.invoice_id)
    tenant, customer = tenant_and_customer(store, invoice.customer_id)
    logo, letterhead = stationery_of(event.tenant_id, invoice)
    content = render_dunning_letter(
        document,
        invoice.as_issued,
        words_of(store, document, tenant).text,
        logo=logo,
        letterhead=letterhead,
    )
    owner = {"dunning_document_id": document.id}
    sha256 = store_once(
        event.tenant_id, document.pdf.id, content, "application/pdf", owner=owner, issued=document.issue_date
    )
    rendered = LetterRendered(file="pdf", sha256=sha256, size=len(content), document_id=document.id)
    recipients = invoice.recipients(customer, "dunning")
    # Clients change the invoice while the letter is rendered. Only the commit is retried after a conflict.
    retry_on_conflict(store, lambda newest: _record(newest, document.id, rendered, recipients))


def _record(store: Store, document_id: str, rendered: LetterRendered, recipients: Sequence[str]) -> None:
    document, at = store.get(DunningDocument, document_id), store.session.now
    invoice = store.get(Invoice, document.invoice_id)
    after = document.rendered(rendered.sha256, rendered.size, at)
    if document.status != "open":
        store.record(after, Recorded(invoice, rendered))
    elif not recipients or not document.asks_for_payment(invoice):
        canceled, changes = undone(store, after, invoice, NOTHING_DUE if recipients else NO_ADDRESS)
        store.record(canceled, *changes, about_document(invoice.id, rendered))
        count_skipped(changes)
    else:
        to = Sending(to=tuple(recipients), attach_pdf=document.attach_invoice)
        mail = OutgoingMail.of(new_id("mail", at), invoice.id, to, at=at, document_id=document.id)
        store.record(after, Recorded(invoice, rendered, ReminderRequested.of(mail)), mail)
