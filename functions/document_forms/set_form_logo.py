"""PUT /document-forms/{form_id}/logo"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import FormId
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.events import DocumentFormUpdated
from invoicing.document_forms.model import DocumentForm
from invoicing.documents.pdf import printable_logo
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.notes.errors import UnsupportedFileType
from invoicing.notes.storing import stored
from invoicing.tenants.requests import SetLogo


@endpoint(
    "PUT",
    "/document-forms/{form_id}/logo",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.DOCUMENTS],
    raises=[FormNotFound, UnsupportedFileType],
)
def handler(form_id: FormId, body: SetLogo, request: Request) -> DocumentForm:
    """Upload the logo of a document form.

    It replaces the tenant's logo on documents of the form. Issued documents keep the logo that they were issued with.
    """
    form, tenant_id = request.store.get(DocumentForm, form_id), request.caller.tenant_id
    request.store.require_new()
    logo = None if body.image is None else printable_logo(body.image, request.new_id("file"))
    files = [(logo, body.image, "image/png")] if logo and body.image else []
    with stored(tenant_id, files, {"form_id": form.id}):
        return request.store.commit(Recorded(form.with_logo(logo, moment=request.moment), DocumentFormUpdated()))
