"""GET /reports/open-items"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.reports.model import OpenItems
from invoicing.reports.requests import OpenItemsQuery
from invoicing.reports.workflow import page_of_open_items


@endpoint("GET", "/reports/open-items", scope="report:read", grants=[Grant.READ])
def handler(query: OpenItemsQuery, request: Request) -> Page[OpenItems]:
    """List open items by customer and currency, with their age.

    Past dates show the items that were open at their end, by the time at which each change was recorded. A change is
    shown some seconds after it was made. A page may be short although more pages follow.
    """
    return page_of_open_items(request, query)
