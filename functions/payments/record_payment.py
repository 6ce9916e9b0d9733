"""POST /invoices/{invoice_id}/payments"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DateNotAllowed, DuplicateExternalId
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.table import summary_and_tenant
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.payments.model import Payment
from invoicing.payments.requests import RecordPayment
from invoicing.settlement.deducting import refundable_of, require_paid
from invoicing.settlement.errors import (
    CashDiscountNotAllowed,
    CreditNotApplicable,
    DepositNotPaid,
    PaymentExceedsDue,
    RefundExceedsCredit,
    RefundUnderWay,
)
from invoicing.settlement.events import PaymentRecorded
from invoicing.settlement.model import settle
from invoicing.settlement.workflow import pay_with_credit, with_status
from invoicing.transactions.waiting import end_unowed


@endpoint(
    "POST",
    "/invoices/{invoice_id}/payments",
    scope="payment:write",
    status=201,
    action=Action.PAY,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        DuplicateExternalId,
        PaymentExceedsDue,
        RefundExceedsCredit,
        RefundUnderWay,
        DepositNotPaid,
        CashDiscountNotAllowed,
        CreditNotApplicable,
        DateNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: RecordPayment, request: Request) -> Payment:
    """Record a payment or refund.

    The invoice is paid when nothing is due any more. The method `credit` applies the `refund_due` of another
    document of the customer. A refund cancels a credit transfer that waits for a SEPA file with more than is owed.
    """
    # The tenant's settings give the date of today.
    before, _ = summary_and_tenant(request.store, invoice_id)
    data = body.data(request.moment.today)
    if data.method == "credit":
        return pay_with_credit(request.store, before, data)
    payment, invoice = settle(
        before,
        request.new_id("pay"),
        data,
        accept_overpayment=body.accept_overpayment,
        moment=request.moment,
    )
    if payment.type == "refund":
        require_paid(request.store, before, payment.amount)
        end_unowed(request.store, before.id, refundable_of(request.store, before))
    changed, dunned = with_status(request.store, before, invoice, PaymentRecorded.of(payment))
    return request.store.commit(payment, changed, *dunned)
