"""GET /invoices/{invoice_id}/comments/{activity_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.activity import Activity
from invoicing.core.ids import ActivityId, InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.timeline.errors import ActivityNotFound
from invoicing.timeline.table import entry_of
from invoicing.users.table import authors


@endpoint(
    "GET",
    "/invoices/{invoice_id}/comments/{activity_id}",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT, ActivityNotFound],
    portal=True,
)
def handler(invoice_id: InvoiceId, activity_id: ActivityId, request: Request) -> Activity:
    """Retrieve one timeline entry.

    Mentions are shown as display names; `raw_comment` keeps the user ids.
    """
    request.store.get(InvoiceSummary, invoice_id)
    entry = entry_of(request.store, invoice_id, activity_id)
    return entry.naming(authors(request.store, entry.people))
