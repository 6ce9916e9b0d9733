"""GET /payments"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import days, same
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.payments import PaymentQuery
from invoicing.domain.pages import Page
from invoicing.domain.payment import Payment


@endpoint("GET", "/payments", scope="payment:read", grants=[Grant.READ])
def handler(query: PaymentQuery, request: Request) -> Page[Payment]:
    """List all payments and refunds, latest date first."""
    tenant = request.caller.tenant_id
    everyone = keys.of_tenant(tenant, "PAY")
    place = keys.of_customer(tenant, query.customer_id, "PAY") if query.customer_id else everyone
    stretch = days(place, query.date_from, query.date_to)
    return request.page(Payment, query, [stretch], same(external_id=query.external_id))
