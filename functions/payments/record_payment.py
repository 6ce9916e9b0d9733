"""POST /invoices/{invoice_id}/payments"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.payments import RecordPayment
from invoicing.domain.errors import (
    AccessDenied,
    CashDiscountNotAllowed,
    DateNotAllowed,
    DuplicateExternalId,
    InvalidState,
    InvoiceNotFound,
    PaymentExceedsDue,
    RefundExceedsCredit,
)
from invoicing.domain.events import InvoicePaid, PaymentRecorded
from invoicing.domain.ids import InvoiceId
from invoicing.domain.lifecycle import Status
from invoicing.domain.payment import Payment
from invoicing.domain.settlement import settle


@endpoint(
    "POST",
    "/invoices/{invoice_id}/payments",
    scope="payment:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        DuplicateExternalId,
        PaymentExceedsDue,
        RefundExceedsCredit,
        CashDiscountNotAllowed,
        DateNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: RecordPayment, request: Request) -> Payment:
    """Record money that came in, or a refund that went back. When nothing is due any more the invoice is paid."""
    before = request.store.invoice_summary(invoice_id)
    payment, invoice = settle(
        before,
        request.new_id("pay"),
        body.data(request.today),
        accept_overpayment=body.accept_overpayment,
        today=request.today,
        by=request.caller,
        at=request.now,
    )
    events = [PaymentRecorded.of(payment)]
    if invoice.status is Status.PAID and before.status is not Status.PAID:
        return request.store.commit(payment, invoice, *events, InvoicePaid())
    return request.store.commit(payment, invoice, *events)
