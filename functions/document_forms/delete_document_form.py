"""DELETE /document-forms/{form_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import FormId
from invoicing.document_forms.errors import FormInUse, FormNotFound
from invoicing.document_forms.events import DocumentFormDeleted
from invoicing.document_forms.model import DocumentForm
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.table import tenant_of


@endpoint(
    "DELETE",
    "/document-forms/{form_id}",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[FormNotFound, FormInUse],
)
def handler(form_id: FormId, request: Request) -> None:
    """Delete a document form.

    Drafts and customers that name it use the tenant's default from then on, which cannot be deleted. Issued documents
    do not change.
    """
    form = request.store.get(DocumentForm, form_id)
    if tenant_of(request.store).form_id == form_id:
        raise FormInUse
    request.store.delete(Recorded(form, DocumentFormDeleted()))
