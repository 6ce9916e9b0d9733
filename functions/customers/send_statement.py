"""POST /customers/{customer_id}/statement/send"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.event import Recorded
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerIsErased, CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_MAIL
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached, MailTooLarge
from invoicing.mail.events import StatementRequested
from invoicing.mail.requests import SendStatement
from invoicing.mail.table import posting
from invoicing.reports.printing import stored_statement
from invoicing.reports.requests import StatementQuery
from invoicing.reports.statements import read_statement


@endpoint(
    "POST",
    "/customers/{customer_id}/statement/send",
    scope="invoice:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[
        CustomerNotFound,
        CustomerIsErased,
        AccessDenied,
        *OF_ITS_MAIL,
        AddressSuppressed,
        EmailLimitReached,
        MailTooLarge,
    ],
)
def handler(customer_id: CustomerId, query: StatementQuery, body: SendStatement, request: Request) -> Customer:
    """Send the statement of a customer's account by e-mail.

    It is the letter that `GET /customers/{customer_id}/statement` returns now. Can be repeated. The event
    `statement.sent` or `statement.failed` follows.
    """
    read = read_statement(request, customer_id, query)
    read.customer.require_present()
    sending = body.sending(body.to or read.customer.mailed_to("statements"))
    tenant, post = posting(request.store, sending.to)
    sending.require_few(tenant.email_bcc)
    tenant.require_sender("/to")
    post.require(sending.to, tenant.email_daily_limit)
    mail = stored_statement(request, read, sending)
    event = StatementRequested(mail_id=mail.id, first=read.statement.first, last=read.statement.last)
    return request.store.commit(Recorded(read.customer, event), mail)
