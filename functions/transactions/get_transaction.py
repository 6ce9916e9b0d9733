"""GET /transactions/{payment_transaction_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.showing import shown_to
from invoicing.core.ids import TransactionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.transactions.errors import TransactionNotFound
from invoicing.transactions.model import Transaction


@endpoint(
    "GET",
    "/transactions/{payment_transaction_id}",
    scope="payment:read",
    grants=[Grant.READ],
    raises=[TransactionNotFound],
)
def handler(payment_transaction_id: TransactionId, request: Request) -> Transaction:
    """Retrieve a transaction."""
    return shown_to(request.caller, request.store.get(Transaction, payment_transaction_id))
