"""DELETE /invoices/{invoice_id}/comments/{activity_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import ActivityId, InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.table import require_visible
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.timeline.errors import ActivityImmutable, ActivityNotFound
from invoicing.timeline.events import CommentDeleted
from invoicing.timeline.model import deleted
from invoicing.timeline.table import entry_of, replace_entry


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/comments/{activity_id}",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_A_DOCUMENT, ActivityNotFound, ActivityImmutable],
)
def handler(invoice_id: InvoiceId, activity_id: ActivityId, request: Request) -> None:
    """Delete a comment and leave a tombstone.

    Entries that the system wrote cannot be deleted.
    """
    require_visible(request.store, invoice_id)
    entry = entry_of(request.store, invoice_id, activity_id)
    replace_entry(request.store, deleted(entry, request.moment), CommentDeleted(activity_id=activity_id))
