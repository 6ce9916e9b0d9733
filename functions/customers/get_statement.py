"""GET /customers/{customer_id}/statement"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Pdf, Redirect, sent_or_stored
from invoicing.reports.requests import StatementQuery
from invoicing.reports.statement import Statement
from invoicing.reports.statements import read_statement


@endpoint(
    "GET",
    "/customers/{customer_id}/statement",
    scope="invoice:read",
    grants=[Grant.READ, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[CustomerNotFound, AccessDenied],
)
def handler(customer_id: CustomerId, query: StatementQuery, request: Request) -> Statement | Pdf | Redirect:
    """Retrieve the statement of a customer's account.

    It has each change of the balance by the time at which it was recorded, some seconds after it was made: documents,
    payments, refunds, credits, cash discounts and write-offs. Members retrieve those of customers that they own.
    It shows at most 5,000 changes, and reads at most 50,000 since the month of the first day. With
    `Accept: application/pdf` it is a letter in the customer's language; one above 4 MB is at the URL of a redirect.
    """
    read = read_statement(request, customer_id, query)
    if not request.wants(Pdf):
        return read.statement
    # Loaded here, because most requests need no typesetter.
    from invoicing.reports.printing import statement_pdf

    return sent_or_stored(statement_pdf(request.store, read), read.tenant.id, request.new_id("file"))
