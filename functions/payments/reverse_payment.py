"""DELETE /invoices/{invoice_id}/payments/{payment_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank_matching.workflow import freed_by
from invoicing.core.ids import InvoiceId, PaymentId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.lifecycle import Action
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.payments.model import Payment
from invoicing.payments.requests import ReversePayment
from invoicing.settlement.errors import PaymentNotFound, PaymentReversed, ReversalExceedsPaid
from invoicing.settlement.workflow import reversed_payment


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/payments/{payment_id}",
    scope="payment:write",
    action=Action.REVERSE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, PaymentNotFound, PaymentReversed, ReversalExceedsPaid],
)
def handler(invoice_id: InvoiceId, payment_id: PaymentId, query: ReversePayment, request: Request) -> Payment:
    """Reverse a payment or refund.

    The payment stays in the record. Applied credit returns to the document it came from. An allocated bank transaction
    can be allocated again.
    """
    payment, changes = reversed_payment(request.store, invoice_id, payment_id, query.reason)
    freed = freed_by(request.store, payment)
    return request.store.commit(payment, *changes, *freed.changes, also=freed.also)
