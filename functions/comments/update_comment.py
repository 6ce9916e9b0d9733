"""PATCH /invoices/{invoice_id}/comments/{activity_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.activity import Activity, CommentData
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import ActivityId, InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.timeline.errors import ActivityImmutable, ActivityNotFound, TooManyEdits
from invoicing.timeline.events import CommentUpdated


@endpoint(
    "PATCH",
    "/invoices/{invoice_id}/comments/{activity_id}",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, ActivityNotFound, AccessDenied, ActivityImmutable, TooManyEdits],
)
def handler(invoice_id: InvoiceId, activity_id: ActivityId, body: Patch[CommentData], request: Request) -> Activity:
    """Update a comment or its visibility.

    Any entry can be pinned or made public. Only the author can change the text; the previous text is kept in
    `metadata`.
    """
    request.store.require_visible(invoice_id)
    entry = request.store.activity(invoice_id, activity_id)
    changed = entry.changed(body.applied_to(entry.data), by=request.caller, at=request.now)
    people = request.store.users(changed.people)
    if changed == entry:
        return entry.naming(people)
    return request.store.replace_entry(changed, CommentUpdated(activity_id=activity_id), shown=people)
