"""GET /customers"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.customers.model import Customer
from invoicing.customers.requests import CustomerQuery
from invoicing.customers.table import conditions_of, range_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/customers", scope="customer:read", grants=[Grant.READ])
def handler(query: CustomerQuery, request: Request) -> Page[Customer]:
    """List customers, newest first."""
    holder = request.store.holder(Customer, "external_id", query.external_id) if query.external_id else None
    if query.external_id and holder is None:
        return Page(data=(), has_more=False, next_cursor=None)
    return request.page(Customer, query, [range_of(query, request.caller.tenant_id, holder)], conditions_of(query))
