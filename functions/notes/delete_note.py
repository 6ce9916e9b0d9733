"""DELETE /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.file_errors import NoteNotFound
from invoicing.domain.ids import InvoiceId, NoteId
from invoicing.domain.note_events import NoteDeleted


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/notes/{note_id}",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, NoteNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, request: Request) -> None:
    """Delete a note and its files.

    The files cannot be downloaded from then on and are removed from storage later.
    """
    request.store.invoice_summary(invoice_id)
    note = request.store.note(invoice_id, note_id)
    request.store.delete(note, NoteDeleted.of(note))
