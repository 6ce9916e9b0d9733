"""email.requested → the customer's mailbox"""

from invoicing.adapters.dynamodb.mails import posting
from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.workflows.mail import invoice_mail
from invoicing.workflows.mailing import attachments, deliver


# Ten deliveries, six minutes apart: an hour, in which a worker may die twice and each time a silence be waited out.
@subscriber("email.requested", grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.SEND_EMAIL], attempts=10)
def handler(event: BusEvent, request: Request) -> None:
    """Mail a document with its files. It is claimed first, so that no second delivery sends it again."""
    store = request.store
    outgoing = store.mail(event.resource.id, event.details["mail_id"])
    if outgoing.settled:
        return
    invoice = store.invoice(outgoing.invoice_id)
    tenant, post = posting(store, (*outgoing.to, *outgoing.cc, *outgoing.bcc))
    mail, files = invoice_mail(invoice, tenant, outgoing), attachments(store, invoice, outgoing)
    deliver(store, outgoing, mail, files, tenant=tenant, post=post, event_id=event.id)
