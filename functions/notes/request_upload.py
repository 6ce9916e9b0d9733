"""POST /invoices/{invoice_id}/notes/{note_id}/uploads"""

from datetime import timedelta

from invoicing.aws.files import PRESIGNED_SECONDS
from invoicing.aws.grants import Grant
from invoicing.aws.uploads import Place, upload_form
from invoicing.core.ids import InvoiceId, NoteId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.event import about_document
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.notes.errors import FileTooLarge, NoteNotFound, UnsupportedFileType
from invoicing.notes.events import UploadRequested
from invoicing.notes.model import Note, expected
from invoicing.notes.requests import AnnounceFile
from invoicing.notes.upload import Upload


@endpoint(
    "POST",
    "/invoices/{invoice_id}/notes/{note_id}/uploads",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES],
    raises=[*OF_A_DOCUMENT, NoteNotFound, UnsupportedFileType, FileTooLarge],
)
def handler(invoice_id: InvoiceId, note_id: NoteId, body: AnnounceFile, request: Request) -> Upload:
    """Request an upload of a file of up to 50 MB.

    Returns a form that accepts exactly the announced file and is valid for five minutes. The file is
    `pending` until it has arrived as announced, then `available`, otherwise `rejected`.
    """
    request.store.get(InvoiceSummary, invoice_id)
    note, now = request.store.get(Note, invoice_id, note_id), request.now
    file = expected(request.new_id("file"), body.name, body.content_type, body.size, body.sha256, now)
    place = Place(request.caller.tenant_id, invoice_id, note_id, file.id)
    url, fields = upload_form(place, content_type=file.content_type, size=file.size, sha256=file.sha256)
    expires_at = now + timedelta(seconds=PRESIGNED_SECONDS)
    upload = Upload(id=file.id, file=file, expires_at=expires_at, url=url, fields=fields)
    announced = note.announced(file, moment=request.moment)
    requested = UploadRequested(note_id=note_id, file_id=file.id)
    request.store.commit(announced, about_document(invoice_id, requested), response=upload)
    return upload
