"""DELETE /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId, NoteId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.notes.errors import NoteNotFound
from invoicing.notes.events import NoteDeleted


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
