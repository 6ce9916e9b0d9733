"""GET /customers"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import Stretch
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.customers import CustomerQuery
from invoicing.domain.customer import Customer
from invoicing.domain.pages import Page


@endpoint("GET", "/customers", scope="customer:read", grants=[Grant.READ])
def handler(query: CustomerQuery, request: Request) -> Page[Customer]:
    """List customers, newest first."""
    tenant = request.caller.tenant_id
    everyone = keys.of_tenant(tenant, "CUS")
    place = keys.of_owner(tenant, query.owner_id, "CUS") if query.owner_id else everyone
    return request.page(Customer, query, [Stretch(place)], query.conditions())
