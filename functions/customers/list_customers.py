"""GET /customers"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.customers import CustomerQuery
from invoicing.domain.customer import Customer
from invoicing.domain.pages import Page


@endpoint("GET", "/customers", scope="customer:read", grants=[Grant.READ])
def handler(query: CustomerQuery, request: Request) -> Page[Customer]:
    """List customers, newest first."""
    holder = request.store.whose("customer", "external_id", query.external_id) if query.external_id else None
    if query.external_id and holder is None:
        return Page(data=(), has_more=False, next_cursor=None)
    return request.page(Customer, query, [query.stretch(request.caller.tenant_id, holder)], query.conditions())
