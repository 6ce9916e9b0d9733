"""PATCH /invoices/{invoice_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.draft import ChangedInvoice
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
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action
from invoicing.domain.reference_errors import ReferenceNotFound
from invoicing.workflows.drafts import change_draft


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
        BankAccountNotFound,
        NegativeTotal,
        DiscountExceedsAmount,
        DateNotAllowed,
        DocumentTooLarge,
        ReferenceNotFound,
    ],
)
def handler(invoice_id: InvoiceId, body: Patch[ChangedInvoice], request: Request) -> Invoice:
    """Update a draft invoice.

    `lines` replaces the whole list; lines with an `id` keep it.
    """
    return change_draft(request.store, invoice_id, body.applied_to)
