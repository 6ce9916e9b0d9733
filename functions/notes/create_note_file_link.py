"""POST /invoices/{invoice_id}/notes/{note_id}/files/{file_id}/download-links"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import FileId, InvoiceId, NoteId
from invoicing.downloads.model import NewDownloadLink, Target
from invoicing.downloads.requests import LinkLife
from invoicing.downloads.workflow import create_link
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import FileNotFound, NoteNotFound
from invoicing.notes.model import Note


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes/{note_id}/files/{file_id}/download-links",
    scope="invoice:read",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_BASE_URL, Grant.REACH_LINKS],
    raises=[*OF_A_DOCUMENT, NoteNotFound, FileNotFound, FileNotReady],
)
def handler(
    invoice_id: InvoiceId, note_id: NoteId, file_id: FileId, body: LinkLife, request: Request
) -> NewDownloadLink:
    """Create a download link for a note's file.

    The link works without credentials, for up to seven days.
    """
    request.store.get(InvoiceSummary, invoice_id)
    request.store.get(Note, invoice_id, note_id).require_file(file_id)
    target = Target(invoice_id, file_id, note_id=note_id)
    return create_link(request.store, request.new_id("dl"), target, seconds=body.expires_in)
