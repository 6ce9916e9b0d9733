"""POST /invoices"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.draft import NewInvoice
from invoicing.domain.errors import (
    BankAccountNotFound,
    CustomerNotFound,
    DateNotAllowed,
    DiscountExceedsAmount,
    DocumentTooLarge,
    NegativeTotal,
)
from invoicing.domain.events import InvoiceCreated
from invoicing.domain.invoice import Invoice
from invoicing.domain.reference_errors import ReferenceNotFound
from invoicing.workflows.references import require_references


@endpoint(
    "POST",
    "/invoices",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        CustomerNotFound,
        BankAccountNotFound,
        NegativeTotal,
        DiscountExceedsAmount,
        DateNotAllowed,
        DocumentTooLarge,
        ReferenceNotFound,
    ],
)
def handler(body: NewInvoice, request: Request) -> Invoice:
    """Create a draft invoice.

    Totals are calculated. A draft has no number and is not sent.
    """
    require_references(request.store, order_id=body.order_id, references=body.references)
    tenant, customer = request.store.tenant_and_customer(body.customer_id)
    draft = Invoice.draft(
        request.new_id("inv"), body, customer=customer, tenant=tenant, by=request.caller, at=request.now
    )
    return request.store.commit(draft, InvoiceCreated())
