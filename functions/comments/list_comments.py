"""GET /invoices/{invoice_id}/comments"""

from invoicing.aws.grants import Grant
from invoicing.core.activity import Activity
from invoicing.core.ids import InvoiceId
from invoicing.core.page import CountedPage
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.store.listing import count
from invoicing.timeline.requests import TimelineQuery
from invoicing.timeline.table import conditions_of, timeline
from invoicing.users.table import authors


@endpoint(
    "GET",
    "/invoices/{invoice_id}/comments",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT],
    portal=True,
)
def handler(invoice_id: InvoiceId, query: TimelineQuery, request: Request) -> CountedPage[Activity]:
    """List the timeline of a document, newest first.

    The timeline has users' comments and the entries of the system.
    """
    # The timeline of a deleted draft remains as the audit record, which this operation does not show.
    request.store.get(InvoiceSummary, invoice_id)
    entries = timeline(request.caller.tenant_id, invoice_id)
    conditions = conditions_of(query, request.caller)
    page = request.page(Activity, query, [entries], conditions, about=invoice_id)
    users = authors(request.store, set().union(*(entry.people for entry in page.data)))
    is_all = query.cursor is None and not page.has_more
    total = len(page.data) if is_all else count(entries, conditions)
    return CountedPage.of(page, tuple(entry.naming(users) for entry in page.data), total)
