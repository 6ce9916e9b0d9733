"""GET /invoices"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.requests import InvoiceQuery
from invoicing.invoices.table import conditions_of, ranges_of
from invoicing.numbering.table import holder_of


@endpoint("GET", "/invoices", scope="invoice:read", grants=[Grant.READ], portal=True)
def handler(query: InvoiceQuery, request: Request) -> Page[InvoiceSummary]:
    """List invoices, newest first.

    Entries are summaries without lines and texts. With a filter on the due date the list is sorted by due date.
    """
    holder = holder_of(request.store, query.number) if query.number else None
    if query.number and holder is None:
        return Page(data=(), has_more=False, next_cursor=None)
    today = request.caller.cached_today(request.now)
    ranges = ranges_of(query, request.caller, today, holder)
    return request.page(InvoiceSummary, query, ranges, conditions_of(query, request.caller, today))
