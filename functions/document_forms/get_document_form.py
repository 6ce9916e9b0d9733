"""GET /document-forms/{form_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import FormId
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.model import DocumentForm
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/document-forms/{form_id}", scope="tenant:read", grants=[Grant.READ], raises=[FormNotFound])
def handler(form_id: FormId, request: Request) -> DocumentForm:
    """Retrieve a document form."""
    return request.store.get(DocumentForm, form_id)
