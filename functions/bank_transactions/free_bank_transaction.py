"""DELETE /bank-transactions/{transaction_id}/allocations/{payment_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import BankTransactionNotFound
from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.workflow import free_transaction
from invoicing.core.ids import BankTransactionId, PaymentId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.settlement.errors import PaymentNotFound, PaymentReversed, ReversalExceedsPaid


@endpoint(
    "DELETE",
    "/bank-transactions/{transaction_id}/allocations/{payment_id}",
    scope="bank:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[BankTransactionNotFound, *OF_ITS_STATE, PaymentNotFound, PaymentReversed, ReversalExceedsPaid],
)
def handler(transaction_id: BankTransactionId, payment_id: PaymentId, request: Request) -> BankTransaction:
    """Reverse an allocation of a bank transaction.

    Its payment is reversed with the reason `error`, and the money can be allocated again.
    """
    return free_transaction(request.store, transaction_id, payment_id)
