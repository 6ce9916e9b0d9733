"""DELETE /invoices/{invoice_id}/notes/{note_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, NoteId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.event import about_document
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import FileAttached, NoteNotFound
from invoicing.notes.events import NoteDeleted
from invoicing.notes.model import Note


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/notes/{note_id}",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_A_DOCUMENT, NoteNotFound, FileAttached],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, request: Request) -> None:
    """Delete a note and its files.

    The files cannot be downloaded from then on and are removed from storage later. A note with a file that an issued
    document contains cannot be deleted.
    """
    request.store.get(InvoiceSummary, invoice_id)
    note = request.store.get(Note, invoice_id, note_id)
    note.require_deletable()
    request.store.delete(note, about_document(invoice_id, NoteDeleted.of(note)))
