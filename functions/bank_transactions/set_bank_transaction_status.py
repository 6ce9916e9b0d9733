"""PUT /bank-transactions/{transaction_id}/status"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import BankTransactionNotFound, TransactionAllocated
from invoicing.bank.events import BankTransactionIgnored, BankTransactionReopened
from invoicing.bank.model import BankTransaction
from invoicing.bank.requests import SetTransactionStatus
from invoicing.core.event import Recorded
from invoicing.core.ids import BankTransactionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "PUT",
    "/bank-transactions/{transaction_id}/status",
    scope="bank:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[BankTransactionNotFound, TransactionAllocated],
)
def handler(transaction_id: BankTransactionId, body: SetTransactionStatus, request: Request) -> BankTransaction:
    """Set the status of a bank transaction.

    A transaction that pays no document is `ignored` with a reason: it cannot be allocated until it is `open` again.
    """
    transaction = request.store.get(BankTransaction, transaction_id)
    after = transaction.without_document(body.ignored, request.moment)
    event = BankTransactionReopened() if body.ignored is None else BankTransactionIgnored()
    return request.store.commit(Recorded(after, event))
