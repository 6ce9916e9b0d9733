"""email.requested → the customer's mailbox"""

from invoicing.adapters import email
from invoicing.adapters.files import read
from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.domain.events import EmailFailed, EmailSent
from invoicing.workflows.mail import invoice_mail
from invoicing.workflows.sending import record_sent


@subscriber("email.requested", grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.SEND_EMAIL])
def handler(event: BusEvent, request: Request) -> None:
    """Mail a document with its PDF. What was sent before is known by the event's id and not sent again."""
    invoice = request.store.invoice(event.resource.id)
    mail = invoice_mail(invoice, request.store.tenant(), to=event.details["to"])
    pdf = invoice.require_file("pdf")
    content = read(event.tenant_id, pdf.id, pdf.sha256 or "")
    attachment = email.Attachment(f"{invoice.number}.pdf", content, "application/pdf")
    try:
        message_id = email.send(mail, [attachment], event_id=event.id)
    except email.Refused as refused:
        request.store.append(invoice.id, EmailFailed(reason=str(refused)))
    else:
        record_sent(request.store, invoice.id, EmailSent(to=mail.to, message_id=message_id))
