"""PATCH /invoices/{invoice_id}/comments/{activity_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.activity import Activity, CommentData
from invoicing.domain.errors import AccessDenied, ActivityImmutable, ActivityNotFound, InvoiceNotFound, TooManyEdits
from invoicing.domain.events import CommentUpdated
from invoicing.domain.ids import ActivityId, InvoiceId


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
