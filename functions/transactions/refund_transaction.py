"""POST /transactions/{payment_transaction_id}/refund"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import TransactionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.settlement.errors import RefundExceedsCredit, RefundUnderWay
from invoicing.transactions.errors import TransactionNotFound, TransactionNotRefundable
from invoicing.transactions.model import Transaction
from invoicing.transactions.refunding import refund
from invoicing.transactions.requests import RefundTransaction


@endpoint(
    "POST",
    "/transactions/{payment_transaction_id}/refund",
    scope="payment:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[TransactionNotFound, TransactionNotRefundable, RefundUnderWay, RefundExceedsCredit],
)
def handler(payment_transaction_id: TransactionId, body: RefundTransaction, request: Request) -> Transaction:
    """Create a refund of a direct debit to its account.

    The response is the credit transfer, which the next SEPA file of credit transfers takes. The refund is recorded once
    the bank executed it.
    """
    return refund(request.store, payment_transaction_id, body.amount)
