"""GET /subscriptions"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.subscriptions.requests import SubscriptionQuery
from invoicing.subscriptions.table import conditions_of, ranges_of


@endpoint("GET", "/subscriptions", scope="subscription:read", grants=[Grant.READ], portal=True)
def handler(query: SubscriptionQuery, request: Request) -> Page[SubscriptionSummary]:
    """List subscriptions, newest first.

    Entries are summaries without items. Portal users see the running ones of their customer.
    """
    holder = request.store.holder(SubscriptionSummary, "external_id", query.external_id) if query.external_id else None
    if query.external_id and holder is None:
        return Page(data=(), has_more=False, next_cursor=None)
    ranges = ranges_of(query, request.caller, holder)
    return request.page(SubscriptionSummary, query, ranges, conditions_of(query, request.caller))
