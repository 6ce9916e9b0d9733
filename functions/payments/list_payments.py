"""GET /payments"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.settlement.payment import Payment
from invoicing.settlement.requests import PaymentQuery
from invoicing.store import keys
from invoicing.store.listing import days, same


@endpoint("GET", "/payments", scope="payment:read", grants=[Grant.READ])
def handler(query: PaymentQuery, request: Request) -> Page[Payment]:
    """List all payments and refunds, latest date first."""
    tenant = request.caller.tenant_id
    everyone = keys.of_tenant(tenant, "PAY")
    place = keys.of_customer(tenant, query.customer_id, "PAY") if query.customer_id else everyone
    stretch = days(place, query.date_from, query.date_to)
    return request.page(Payment, query, [stretch], same(external_id=query.external_id))
