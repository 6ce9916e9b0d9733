"""GET /orders"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.orders.model import OrderSummary
from invoicing.orders.requests import OrderQuery
from invoicing.orders.table import conditions_of, range_of


@endpoint("GET", "/orders", scope="order:read", grants=[Grant.READ])
def handler(query: OrderQuery, request: Request) -> Page[OrderSummary]:
    """List orders, newest first.

    Entries are summaries without lines.
    """
    holder = request.store.holder(OrderSummary, "external_id", query.external_id) if query.external_id else None
    if query.external_id and holder is None:
        return Page(data=(), has_more=False, next_cursor=None)
    return request.page(OrderSummary, query, [range_of(query, request.caller.tenant_id, holder)], conditions_of(query))
