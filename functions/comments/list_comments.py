"""GET /invoices/{invoice_id}/comments"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import beginning_with, count
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.comments import TimelineQuery
from invoicing.domain.activity import Activity
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.pages import CountedPage


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
