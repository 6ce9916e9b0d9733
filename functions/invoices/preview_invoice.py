"""GET /invoices/{invoice_id}/preview"""

from invoicing.api.declaration import Layer
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.responses import Pdf
from invoicing.documents.pdf import render_pdf
from invoicing.domain.errors import AccessDenied, CustomerNotFound, InvalidState, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.lifecycle import Action
from invoicing.domain.printing import NotPrintable, require_bounded
from invoicing.workflows.letterheads import logo_of


@endpoint(
    "GET",
    "/invoices/{invoice_id}/preview",
    scope="invoice:read",
    action=Action.PREVIEW,
    grants=[Grant.READ, Grant.READ_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[InvoiceNotFound, AccessDenied, InvalidState, CustomerNotFound, NotPrintable],
)
def handler(invoice_id: InvoiceId, request: Request) -> Pdf:
    """Preview the PDF of a draft.

    The PDF is marked as a draft. Nothing is saved, numbered or sent.
    """
    draft = request.store.invoice(invoice_id)
    tenant, customer = request.store.tenant_and_customer(draft.customer_id)
    shown = draft.previewed(tenant=tenant, customer=customer, today=tenant.today(request.now))
    require_bounded(shown)
    logo = logo_of(tenant.id, shown.seller)
    return Pdf(render_pdf(shown.model_dump(mode="json"), logo=logo), f"{invoice_id}.pdf")
