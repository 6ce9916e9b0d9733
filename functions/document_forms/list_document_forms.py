"""GET /document-forms"""

from invoicing.aws.grants import Grant
from invoicing.core.page import ListQuery, Page
from invoicing.document_forms.model import DocumentForm
from invoicing.document_forms.table import forms_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/document-forms", scope="tenant:read", grants=[Grant.READ])
def handler(query: ListQuery, request: Request) -> Page[DocumentForm]:
    """List document forms, newest first."""
    return request.page(DocumentForm, query, [forms_of(request.caller.tenant_id)])
