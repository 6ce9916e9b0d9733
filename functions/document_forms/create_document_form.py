"""POST /document-forms"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.document_forms.errors import FormNameTaken
from invoicing.document_forms.events import DocumentFormCreated
from invoicing.document_forms.model import DocumentForm, DocumentFormData
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.errors import NotPrintable
from invoicing.issuing.printing import require_printable_texts


@endpoint(
    "POST",
    "/document-forms",
    scope="tenant:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[FormNameTaken, NotPrintable],
)
def handler(body: DocumentFormData, request: Request) -> DocumentForm:
    """Create a document form.

    Documents use the form that their `form_id` names, else that of their customer, else that of the tenant.
    """
    form = DocumentForm.new(request.new_id("form"), body, moment=request.moment)
    require_printable_texts(dict(form.printed_texts))
    return request.store.commit(Recorded(form, DocumentFormCreated()))
