"""GET /bank-transactions/{transaction_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import BankTransactionNotFound
from invoicing.bank.model import BankTransaction
from invoicing.bank.showing import shown_to
from invoicing.core.ids import BankTransactionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "GET",
    "/bank-transactions/{transaction_id}",
    scope="bank:read",
    grants=[Grant.READ],
    raises=[BankTransactionNotFound],
)
def handler(transaction_id: BankTransactionId, request: Request) -> BankTransaction:
    """Retrieve a bank transaction."""
    return shown_to(request.caller, request.store.get(BankTransaction, transaction_id))
