"""GET /payments"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.payments.model import Payment
from invoicing.payments.requests import PaymentQuery
from invoicing.payments.table import range_of
from invoicing.store.listing import same


@endpoint("GET", "/payments", scope="payment:read", grants=[Grant.READ])
def handler(query: PaymentQuery, request: Request) -> Page[Payment]:
    """List all payments and refunds, latest date first."""
    found = range_of(query, request.caller.tenant_id)
    return request.page(Payment, query, [found], same(external_id=query.external_id))
