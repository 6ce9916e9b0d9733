"""POST /invoices/{invoice_id}/comments"""

from invoicing.aws.grants import Grant
from invoicing.core.activity import Activity
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.event import about_document
from invoicing.invoices.table import require_visible
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.timeline.events import InvoiceCommented
from invoicing.timeline.requests import AddComment


@endpoint(
    "POST",
    "/invoices/{invoice_id}/comments",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_A_DOCUMENT],
)
def handler(invoice_id: InvoiceId, body: AddComment, request: Request) -> Activity:
    """Add a comment to an invoice, credit note or cancellation.

    The author is the caller.
    """
    require_visible(request.store, invoice_id)
    comment = InvoiceCommented(text=body.comment, public=body.public, pinned=body.pinned)
    return request.store.append(about_document(invoice_id, comment))
