"""PATCH /invoices/{invoice_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.draft import ChangedInvoice
from invoicing.domain.errors import (
    AccessDenied,
    CustomerNotFound,
    DateNotAllowed,
    DiscountExceedsAmount,
    DocumentTooLarge,
    InvalidState,
    InvoiceNotFound,
    NegativeTotal,
)
from invoicing.domain.events import InvoiceUpdated
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require


@endpoint(
    "PATCH",
    "/invoices/{invoice_id}",
    scope="invoice:write",
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        CustomerNotFound,
        NegativeTotal,
        DiscountExceedsAmount,
        DateNotAllowed,
        DocumentTooLarge,
    ],
)
def handler(invoice_id: InvoiceId, body: Patch[ChangedInvoice], request: Request) -> Invoice:
    """Change a draft. `lines` replaces the list; lines that carry their `id` keep it."""
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.UPDATE)
    data = body.applied_to(invoice.data)
    tenant, customer = request.store.tenant_and_customer(data.customer_id)
    changed = invoice.changed(data, customer=customer, tenant=tenant, by=request.caller, at=request.now)
    return request.store.commit(changed, InvoiceUpdated())
