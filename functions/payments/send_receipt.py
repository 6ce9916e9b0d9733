"""POST /invoices/{invoice_id}/payments/{payment_id}/send"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId, PaymentId
from invoicing.customers.errors import CustomerIsErased
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import customer_of
from invoicing.issuing.refusals import OF_A_DOCUMENT, OF_ITS_MAIL
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached
from invoicing.mail.events import EmailRequested
from invoicing.mail.model import OutgoingMail
from invoicing.mail.requests import SendReceipt
from invoicing.mail.table import posting
from invoicing.payments.model import Payment
from invoicing.settlement.errors import PaymentNotFound, PaymentReversed
from invoicing.settlement.model import require_standing


@endpoint(
    "POST",
    "/invoices/{invoice_id}/payments/{payment_id}/send",
    scope="payment:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_A_DOCUMENT,
        PaymentNotFound,
        PaymentReversed,
        CustomerIsErased,
        *OF_ITS_MAIL,
        AddressSuppressed,
        EmailLimitReached,
    ],
)
def handler(invoice_id: InvoiceId, payment_id: PaymentId, body: SendReceipt, request: Request) -> Payment:
    """Send the receipt of a payment or refund by e-mail.

    It is in the language of the document, with the amount that is due then. Can be repeated. The event `email.sent`
    or `email.failed` follows; a payment that is reversed before gets no receipt.
    """
    invoice = request.store.get(Invoice, invoice_id)
    payment = request.store.get(Payment, invoice_id, payment_id)
    require_standing(payment)
    customer = customer_of(request.store, invoice)
    if customer is not None:
        customer.require_present()
    sending = body.sending(body.to or invoice.recipients(customer))
    tenant, post = posting(request.store, sending.to)
    sending.require_few(tenant.email_bcc)
    tenant.require_sender("/to")
    post.require(sending.to, tenant.email_daily_limit)
    mail = OutgoingMail.receipt(request.new_id("mail"), invoice_id, payment_id, sending, at=request.now)
    request.store.commit(Recorded(invoice, EmailRequested.of(mail)), mail, response=payment)
    return payment
