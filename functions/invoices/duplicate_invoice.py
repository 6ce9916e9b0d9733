"""POST /invoices/{invoice_id}/duplicate"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.drafting import duplicated
from invoicing.domain.errors import (
    AccessDenied,
    BankAccountNotFound,
    CustomerNotFound,
    DateNotAllowed,
    DiscountExceedsAmount,
    DocumentTooLarge,
    InvalidState,
    InvoiceNotFound,
    NegativeTotal,
)
from invoicing.domain.events import InvoiceCopied
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require


@endpoint(
    "POST",
    "/invoices/{invoice_id}/duplicate",
    scope="invoice:write",
    status=201,
    action=Action.DUPLICATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        CustomerNotFound,
        BankAccountNotFound,
        NegativeTotal,
        DiscountExceedsAmount,
        DateNotAllowed,
        DocumentTooLarge,
    ],
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Create a draft copy of an invoice.

    The copy has no number, no payments and none of the dates and references of the original.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.DUPLICATE)
    tenant, customer = request.store.tenant_and_customer(invoice.customer_id)
    draft = Invoice.draft(
        request.new_id("inv"),
        duplicated(invoice),
        customer=customer,
        tenant=tenant,
        by=request.caller,
        at=request.now,
        origin="duplicate",
    )
    return request.store.commit(draft, InvoiceCopied(copy_of=invoice.id))
