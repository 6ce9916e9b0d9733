"""PATCH /invoices/{invoice_id}/comments/{activity_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.activity import Activity
from invoicing.core.ids import ActivityId, InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.table import require_visible
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.timeline.errors import ActivityImmutable, ActivityNotFound, TooManyEdits
from invoicing.timeline.events import CommentUpdated
from invoicing.timeline.model import CommentData, data_of, edited
from invoicing.timeline.table import entry_of, replace_entry
from invoicing.users.table import authors


@endpoint(
    "PATCH",
    "/invoices/{invoice_id}/comments/{activity_id}",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_A_DOCUMENT, ActivityNotFound, ActivityImmutable, TooManyEdits],
)
def handler(invoice_id: InvoiceId, activity_id: ActivityId, body: Patch[CommentData], request: Request) -> Activity:
    """Update a comment or its visibility.

    Any entry can be pinned or made public. Only the author can change the text; the previous text is kept in
    `metadata`.
    """
    require_visible(request.store, invoice_id)
    entry = entry_of(request.store, invoice_id, activity_id)
    changed = edited(entry, body.applied_to(data_of(entry)), request.moment)
    people = authors(request.store, changed.people)
    if changed == entry:
        return entry.naming(people)
    return replace_entry(request.store, changed, CommentUpdated(activity_id=activity_id), shown=people)
