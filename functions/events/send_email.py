"""email.requested → the customer's mailbox"""

from invoicing.adapters.dynamodb.mails import posting
from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.workflows.dunning_mail import dunning_mail
from invoicing.workflows.mail import invoice_mail, invoice_words
from invoicing.workflows.mailing import attachments, deliver, link_in, note_failed


# Ten deliveries, six minutes apart: an hour, in which a worker may die twice and each time a silence be waited out.
@subscriber(
    "email.requested",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.SEND_EMAIL, Grant.LINK, Grant.REACH_LINKS],
    attempts=10,
)
def handler(event: BusEvent, request: Request) -> None:
    """Mail a document with its files, once: it is claimed first. A reminder goes out only if it still holds."""
    store = request.store
    outgoing = store.mail(event.resource.id, event.details["mail_id"])
    if outgoing.settled:
        return
    invoice = store.invoice(outgoing.invoice_id)
    tenant, post = posting(store, (*outgoing.to, *outgoing.cc, *outgoing.bcc))
    link = None
    if outgoing.document_id is None:
        words = invoice_words(invoice, tenant, outgoing)
        link = link_in(words, store, invoice, request.new_id("dl"))
        mail = invoice_mail(words, invoice, tenant, outgoing, link and link.link)
        files = attachments(store, invoice, outgoing)
    else:
        document = store.dunning_document(outgoing.document_id)
        if not document.asks_for_payment(invoice):
            note_failed(store, outgoing, "NOTHING_DUE")
            return
        mail, files = dunning_mail(store, outgoing, document, invoice, tenant)
    deliver(store, outgoing, mail, files, tenant=tenant, post=post, event_id=event.id, link=link)
