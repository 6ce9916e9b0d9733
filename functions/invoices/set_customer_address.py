"""PUT /invoices/{invoice_id}/customer-address"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
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
from invoicing.domain.party import Address
from invoicing.workflows.drafts import change_draft


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/customer-address",
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
    ],
)
def handler(invoice_id: InvoiceId, body: Address, request: Request) -> Invoice:
    """Set the customer's address on a draft.

    The address replaces the customer's own on this document only.
    """
    return change_draft(request.store, invoice_id, lambda draft: draft.model_copy(update={"customer_address": body}))
