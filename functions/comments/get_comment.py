"""GET /invoices/{invoice_id}/comments/{activity_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.activity import Activity
from invoicing.domain.errors import AccessDenied, ActivityNotFound, InvoiceNotFound
from invoicing.domain.ids import ActivityId, InvoiceId


@endpoint(
    "GET",
    "/invoices/{invoice_id}/comments/{activity_id}",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[InvoiceNotFound, ActivityNotFound, AccessDenied],
    portal=True,
)
def handler(invoice_id: InvoiceId, activity_id: ActivityId, request: Request) -> Activity:
    """Retrieve one timeline entry.

    Mentions are shown as display names; `raw_comment` keeps the user ids.
    """
    request.store.invoice_summary(invoice_id)
    entry = request.store.activity(invoice_id, activity_id)
    return entry.naming(request.store.users(entry.people))
