"""POST /invoices/{invoice_id}/send"""

from invoicing.adapters.dynamodb.mails import posting
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.sending import SendInvoice
from invoicing.domain.einvoice import SENT_AS_XML
from invoicing.domain.errors import (
    AccessDenied,
    FileNotReady,
    InvalidState,
    InvoiceNotFound,
    NoRecipient,
    SenderMissing,
    SenderNotGranted,
)
from invoicing.domain.events import InvoiceSent
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.mail import OutgoingMail
from invoicing.domain.mail_errors import AddressSuppressed, EmailLimitReached
from invoicing.domain.mail_events import DocumentPosted, EmailRequested


@endpoint(
    "POST",
    "/invoices/{invoice_id}/send",
    scope="invoice:write",
    status=202,
    action=Action.SEND,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        FileNotReady,
        NoRecipient,
        SenderMissing,
        SenderNotGranted,
        AddressSuppressed,
        EmailLimitReached,
    ],
)
def handler(invoice_id: InvoiceId, body: SendInvoice, request: Request) -> Invoice:
    """Send an issued document.

    Can be repeated. The timeline records whether the e-mail was accepted.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.SEND)
    if body.channel != "email":
        first = [] if invoice.sent_at else [InvoiceSent()]
        return request.store.commit(invoice.sent(request.now), DocumentPosted.by(body.channel), *first)
    recipients = body.to or invoice.recipients(request.store.customer_of(invoice))
    sending = body.sending(recipients, as_xml=invoice.einvoice_format in SENT_AS_XML)
    tenant, post = posting(request.store, sending.to)
    sending.require_few(tenant.email_bcc)
    tenant.require_sender("/channel")
    post.require(sending.to, tenant.email_daily_limit)
    for kind in sending.kinds:
        invoice.require_file(kind)
    mail = OutgoingMail.of(request.new_id("mail"), invoice_id, sending, at=request.now)
    return request.store.commit(invoice, EmailRequested.of(mail), mail)
