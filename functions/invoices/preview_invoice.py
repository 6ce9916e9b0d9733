"""GET /invoices/{invoice_id}/preview"""

from invoicing.aws.grants import Grant
from invoicing.collection.table import with_mandate
from invoicing.core.ids import InvoiceId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.document_forms.stationery import stationery_of
from invoicing.document_forms.workflow import form_of
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
from invoicing.notes.attached import attached_files
from invoicing.notes.attaching import attaching
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.rendering.pages import render_pages


@endpoint(
    "GET",
    "/invoices/{invoice_id}/preview",
    scope="invoice:read",
    action=Action.PREVIEW,
    grants=[Grant.READ, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[*OF_ITS_STATE, CustomerNotFound, NotPrintable, AttachmentNotAllowed],
)
def handler(invoice_id: InvoiceId, request: Request) -> Pdf | Redirect:
    """Preview the PDF of a draft.

    The PDF is marked as a draft, and contains the files that the issued document would contain. No change is saved,
    numbered or sent. A file above 4 MB is at the URL of a redirect.
    """
    draft = request.store.get(Invoice, invoice_id)
    tenant, customer = tenant_and_customer(request.store, draft.customer_id)
    form = form_of(request.store, draft, customer, tenant)
    files = attaching(request.store, draft.id, [one.source for one in draft.attachments])
    today = tenant.today(request.now)
    stated = with_mandate(request.store, files.to(draft), today)
    shown = previewed(stated, Parties(tenant, customer, form), today=today)
    require_bounded(shown)
    content = render_pages(shown, stationery_of(tenant.id, shown), attached_files(request.store, shown))
    return sent_or_stored(Pdf(content, f"{invoice_id}.pdf"), tenant.id, request.new_id("file"))
