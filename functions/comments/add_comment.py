"""POST /invoices/{invoice_id}/comments"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.comments import AddComment
from invoicing.domain.activity import Activity
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.events import InvoiceCommented
from invoicing.domain.ids import InvoiceId


@endpoint(
    "POST",
    "/invoices/{invoice_id}/comments",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, body: AddComment, request: Request) -> Activity:
    """Add a comment to an invoice, credit note or cancellation.

    The author is the caller.
    """
    request.store.require_visible(invoice_id)
    comment = InvoiceCommented(text=body.comment, public=body.public, pinned=body.pinned)
    return request.store.append(invoice_id, comment)
