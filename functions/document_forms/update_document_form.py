"""PATCH /document-forms/{form_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import FormId
from invoicing.document_forms.errors import FormNameTaken, FormNotFound
from invoicing.document_forms.events import DocumentFormUpdated
from invoicing.document_forms.model import DocumentForm, DocumentFormData
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.issuing.errors import NotPrintable
from invoicing.issuing.printing import require_printable_texts


@endpoint(
    "PATCH",
    "/document-forms/{form_id}",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[FormNotFound, FormNameTaken, NotPrintable],
)
def handler(form_id: FormId, body: Patch[DocumentFormData], request: Request) -> DocumentForm:
    """Update a document form.

    Drafts are issued with the new design. Issued documents do not change.
    """
    form = request.store.get(DocumentForm, form_id)
    changed = form.changed(body.applied_to(form.data), moment=request.moment)
    require_printable_texts(dict(changed.printed_texts))
    return request.store.commit(Recorded(changed, DocumentFormUpdated()))
