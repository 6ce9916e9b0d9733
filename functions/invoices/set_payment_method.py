"""PUT /invoices/{invoice_id}/payment-method"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.drafts import SetPaymentMethod
from invoicing.domain.errors import (
    AccessDenied,
    BankAccountNotFound,
    InvalidState,
    InvoiceNotFound,
)
from invoicing.domain.events import InvoiceUpdated
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/payment-method",
    scope="invoice:write",
    action=Action.SET_PAYMENT_METHOD,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        BankAccountNotFound,
        AccessDenied,
        InvalidState,
    ],
)
def handler(invoice_id: InvoiceId, body: SetPaymentMethod, request: Request) -> Invoice:
    """Set the payment method of an invoice.

    Issued files do not change.
    """
    invoice = request.store.invoice(invoice_id)
    tenant, _ = request.store.tenant_and_customer(None)
    payable = invoice.payable_by(body.instructions, tenant=tenant, by=request.caller, at=request.now)
    return request.store.commit(payable, InvoiceUpdated())
