"""PUT /invoices/{invoice_id}/customer-address"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied, DateNotAllowed, DocumentTooLarge
from invoicing.core.ids import InvoiceId
from invoicing.core.party import Address
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import change_draft
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.tenants.errors import BankAccountNotFound


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
