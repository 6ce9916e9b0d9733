"""PUT /document-forms/{form_id}/letterhead"""

import hashlib

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import FormId
from invoicing.document_forms.design import LetterheadPage
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.events import DocumentFormUpdated
from invoicing.document_forms.letterhead import pages_of
from invoicing.document_forms.model import DocumentForm
from invoicing.document_forms.requests import SetLetterhead
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.notes.errors import UnsupportedFileType
from invoicing.notes.storing import stored


@endpoint(
    "PUT",
    "/document-forms/{form_id}/letterhead",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[FormNotFound, UnsupportedFileType],
)
def handler(form_id: FormId, body: SetLetterhead, request: Request) -> DocumentForm:
    """Upload the letterhead of a document form.

    The first page of the PDF is printed beneath the first page of documents, the last page beneath the others. Text,
    shapes and pictures are used; scripts, links and form fields are not. Issued documents keep their letterhead.
    """
    form, tenant_id = request.store.get(DocumentForm, form_id), request.caller.tenant_id
    request.store.require_new()
    contents = [] if body.file is None else pages_of(body.file)
    pages = tuple(_page(one, request.new_id("file")) for one in contents)
    files = [(page, content, "image/svg+xml") for page, content in zip(pages, contents, strict=True)]
    with stored(tenant_id, files, {"form_id": form.id}):
        return request.store.commit(Recorded(form.with_letterhead(pages, moment=request.moment), DocumentFormUpdated()))


def _page(content: bytes, id_: str) -> LetterheadPage:
    return LetterheadPage(id=id_, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
