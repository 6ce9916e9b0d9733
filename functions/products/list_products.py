"""GET /products"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.product import Product
from invoicing.catalogue.requests import ProductQuery
from invoicing.catalogue.table import conditions_of, range_of
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/products", scope="catalogue:read", grants=[Grant.READ])
def handler(query: ProductQuery, request: Request) -> Page[Product]:
    """List products, newest first."""
    holder = request.store.holder(Product, "code", query.code) if query.code else None
    if query.code and holder is None:
        return Page(data=(), has_more=False, next_cursor=None)
    return request.page(Product, query, [range_of(request.caller.tenant_id, holder)], conditions_of(query))
