"""GET /invoices/{invoice_id}/preview"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.document_forms.stationery import stationery_of
from invoicing.document_forms.workflow import form_of
from invoicing.documents.pdf import render_pdf
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Pdf, Redirect, sent_or_stored
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import NotPrintable
from invoicing.issuing.finalizing import Parties, previewed
from invoicing.issuing.printing import require_bounded
from invoicing.issuing.refusals import OF_ITS_STATE


@endpoint(
    "GET",
    "/invoices/{invoice_id}/preview",
    scope="invoice:read",
    action=Action.PREVIEW,
    grants=[Grant.READ, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[*OF_ITS_STATE, CustomerNotFound, NotPrintable],
)
def handler(invoice_id: InvoiceId, request: Request) -> Pdf | Redirect:
    """Preview the PDF of a draft.

    The PDF is marked as a draft. No change is saved, numbered or sent. A file above 4 MB is at the URL of a redirect.
    """
    draft = request.store.get(Invoice, invoice_id)
    tenant, customer = tenant_and_customer(request.store, draft.customer_id)
    form = form_of(request.store, draft, customer, tenant)
    shown = previewed(draft, Parties(tenant, customer, form), today=tenant.today(request.now))
    require_bounded(shown)
    logo, letterhead = stationery_of(tenant.id, shown)
    pdf = Pdf(render_pdf(shown, logo=logo, letterhead=letterhead), f"{invoice_id}.pdf")
    return sent_or_stored(pdf, tenant.id, request.new_id("file"))
