"""POST /invoices/{invoice_id}/send"""

from invoicing.aws.grants import Grant
from invoicing.core.einvoice import is_sent_as_xml
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.events import InvoiceSent
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import customer_of
from invoicing.issuing.refusals import OF_ITS_MAIL, OF_ITS_STATE
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached, MailTooLarge
from invoicing.mail.events import DocumentPosted, EmailRequested
from invoicing.mail.model import OutgoingMail
from invoicing.mail.requests import SendInvoice
from invoicing.mail.table import posting


@endpoint(
    "POST",
    "/invoices/{invoice_id}/send",
    scope="invoice:write",
    status=202,
    action=Action.SEND,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_MAIL, FileNotReady, AddressSuppressed, EmailLimitReached, MailTooLarge],
)
def handler(invoice_id: InvoiceId, body: SendInvoice, request: Request) -> Invoice:
    """Send an issued document.

    Can be repeated. The timeline records whether the e-mail was accepted.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.SEND)
    if body.channel != "email":
        first = [] if invoice.sent_at else [InvoiceSent()]
        return request.store.commit(Recorded(invoice.sent(request.now), DocumentPosted.by(body.channel), *first))
    recipients = body.to or invoice.recipients(customer_of(request.store, invoice))
    sending = body.sending(recipients, as_xml=is_sent_as_xml(invoice.einvoice_format))
    tenant, post = posting(request.store, sending.to)
    sending.require_few(tenant.email_bcc)
    tenant.require_sender("/channel")
    post.require(sending.to, tenant.email_daily_limit)
    sending.require_small([invoice.require_file(kind) for kind in sending.kinds])
    mail = OutgoingMail.of(request.new_id("mail"), invoice_id, sending, at=request.now)
    return request.store.commit(Recorded(invoice, EmailRequested.of(mail)), mail)
