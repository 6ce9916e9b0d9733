"""GET /customers/{customer_id}/statement"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.reports.requests import StatementQuery
from invoicing.reports.statement import Statement
from invoicing.reports.statements import statement_of


@endpoint(
    "GET",
    "/customers/{customer_id}/statement",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[CustomerNotFound, AccessDenied],
)
def handler(customer_id: CustomerId, query: StatementQuery, request: Request) -> Statement:
    """Retrieve the statement of a customer's account.

    It has each change of the balance by the time at which it was recorded, some seconds after it was made: documents,
    payments, refunds, credits, cash discounts and write-offs. Members retrieve those of customers that they own.
    At most 5,000 changes since the month of the first day are read; choose a later first day for more.
    """
    return statement_of(request, customer_id, query)
