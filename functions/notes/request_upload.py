"""POST /invoices/{invoice_id}/notes/{note_id}/uploads"""

from datetime import timedelta

from invoicing.adapters.files import PRESIGNED_SECONDS
from invoicing.adapters.uploads import Place, upload_form
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.notes import AnnounceFile
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.file_errors import FileTooLarge, NoteNotFound, UnsupportedFileType
from invoicing.domain.ids import InvoiceId, NoteId
from invoicing.domain.note import expected
from invoicing.domain.note_events import UploadRequested
from invoicing.domain.upload import Upload


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes/{note_id}/uploads",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES],
    raises=[InvoiceNotFound, NoteNotFound, AccessDenied, UnsupportedFileType, FileTooLarge],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, body: AnnounceFile, request: Request) -> Upload:
    """Request an upload of a file of up to 50 MB.

    Answers with a form that accepts exactly the announced file and is valid for five minutes. The file is
    `pending` until it has arrived as announced, then `available`, otherwise `rejected`.
    """
    request.store.invoice_summary(invoice_id)
    note, now = request.store.note(invoice_id, note_id), request.now
    file = expected(request.new_id("file"), body.name, body.content_type, body.size, body.sha256, now)
    place = Place(request.caller.tenant_id, invoice_id, note_id, file.id)
    url, fields = upload_form(place, content_type=file.content_type, size=file.size, sha256=file.sha256)
    expires_at = now + timedelta(seconds=PRESIGNED_SECONDS)
    upload = Upload(id=file.id, file=file, expires_at=expires_at, url=url, fields=fields)
    announced = note.announced(file, by=request.caller, at=now)
    request.store.commit(announced, UploadRequested(note_id=note_id, file_id=file.id), answer=upload)
    return upload
