"""POST /invoices/{invoice_id}/notes/{note_id}/files/{file_id}/download-links"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.downloads import LinkLife
from invoicing.domain.download_link import NewDownloadLink, Target
from invoicing.domain.errors import AccessDenied, FileNotReady, InvoiceNotFound
from invoicing.domain.file_errors import FileNotFound, NoteNotFound
from invoicing.domain.ids import FileId, InvoiceId, NoteId
from invoicing.workflows.linking import hand_out


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes/{note_id}/files/{file_id}/download-links",
    scope="invoice:read",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.LINK, Grant.REACH_LINKS],
    raises=[InvoiceNotFound, NoteNotFound, FileNotFound, AccessDenied, FileNotReady],
)
def handler(
    invoice_id: InvoiceId, note_id: NoteId, file_id: FileId, body: LinkLife, request: Request
) -> NewDownloadLink:
    """Create a download link for a note's file.

    The link works without credentials, for up to seven days.
    """
    request.store.invoice_summary(invoice_id)
    request.store.note(invoice_id, note_id).require_file(file_id)
    target = Target(invoice_id, file_id, note_id=note_id)
    return hand_out(request.store, request.new_id("dl"), target, seconds=body.expires_in)
