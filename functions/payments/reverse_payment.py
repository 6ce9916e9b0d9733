"""DELETE /invoices/{invoice_id}/payments/{payment_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.payments import ReversePayment
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound, PaymentNotFound
from invoicing.domain.ids import InvoiceId, PaymentId
from invoicing.domain.lifecycle import Action
from invoicing.domain.payment import Payment
from invoicing.domain.settlement_errors import PaymentReversed, ReversalExceedsPaid
from invoicing.workflows.settling import reverse_payment


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/payments/{payment_id}",
    scope="payment:write",
    action=Action.REVERSE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, PaymentNotFound, AccessDenied, InvalidState, PaymentReversed, ReversalExceedsPaid],
)
def handler(invoice_id: InvoiceId, payment_id: PaymentId, query: ReversePayment, request: Request) -> Payment:
    """Reverse a payment or refund.

    The payment stays in the record. Applied credit returns to the document it came from.
    """
    return reverse_payment(request.store, invoice_id, payment_id, query.reason)
