"""GET /invoices/{invoice_id}/comments"""

from invoicing.aws.grants import Grant
from invoicing.core.activity import Activity
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId
from invoicing.core.page import CountedPage
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.store import keys
from invoicing.store.listing import beginning_with, count
from invoicing.timeline.requests import TimelineQuery


@endpoint(
    "GET",
    "/invoices/{invoice_id}/comments",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, AccessDenied],
    portal=True,
)
def handler(invoice_id: InvoiceId, query: TimelineQuery, request: Request) -> CountedPage[Activity]:
    """List the timeline of a document, newest first.

    The timeline holds users' comments and the entries that the system wrote.
    """
    # A deleted draft leaves its timeline behind as the audit record, which is nobody's to read here.
    request.store.invoice_summary(invoice_id)
    timeline = beginning_with(keys.invoice(request.caller.tenant_id, invoice_id), keys.ACTIVITY)
    conditions = query.conditions(request.caller)
    page = request.page(Activity, query, [timeline], conditions, about=invoice_id)
    users = request.store.users(set().union(*(entry.people for entry in page.data)))
    is_all = query.cursor is None and not page.has_more
    total = len(page.data) if is_all else count(timeline, conditions)
    return CountedPage.of(page, tuple(entry.naming(users) for entry in page.data), total)
