"""GET /document-forms/{form_id}/preview"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import FormId
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.model import DocumentForm
from invoicing.document_forms.requests import FormPreviewQuery
from invoicing.document_forms.sample import sample_of
from invoicing.document_forms.stationery import stationery_of
from invoicing.documents.pdf import render_pdf
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Pdf, Redirect, sent_or_stored
from invoicing.tenants.table import tenant_of


@endpoint(
    "GET",
    "/document-forms/{form_id}/preview",
    scope="tenant:read",
    grants=[Grant.READ, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[FormNotFound],
)
def handler(form_id: FormId, query: FormPreviewQuery, request: Request) -> Pdf | Redirect:
    """Preview a document form on a sample.

    The sample is a draft of the tenant to a fictitious customer, which is not saved. A file above 4 MB is at the URL of
    a redirect.
    """
    form, tenant = request.store.get(DocumentForm, form_id), tenant_of(request.store)
    sample = sample_of(form, tenant, query.type, query.language or tenant.language, moment=request.moment)
    logo, letterhead = stationery_of(tenant.id, sample)
    pdf = Pdf(render_pdf(sample, logo=logo, letterhead=letterhead), f"{form_id}.pdf")
    return sent_or_stored(pdf, tenant.id, request.new_id("file"))
