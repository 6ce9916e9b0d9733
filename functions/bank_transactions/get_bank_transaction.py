"""GET /bank-transactions/{transaction_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import BankTransactionNotFound
from invoicing.bank.model import BankTransaction
from invoicing.bank.showing import shown_to
from invoicing.bank_matching.finding import CustomerNames, suggestions_of
from invoicing.bank_matching.model import MatchedTransaction
from invoicing.core.ids import BankTransactionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.table import tenant_of


@endpoint(
    "GET",
    "/bank-transactions/{transaction_id}",
    scope="bank:read",
    grants=[Grant.READ],
    raises=[BankTransactionNotFound],
)
def handler(transaction_id: BankTransactionId, request: Request) -> MatchedTransaction:
    """Retrieve a bank transaction with the documents that it may pay.

    `recorded_payments` are payments that users recorded within 7 days: they may be this transaction, so that an
    allocation would record the same money twice.
    """
    store = request.store
    transaction = store.get(BankTransaction, transaction_id)
    found = suggestions_of(store, transaction, tenant_of(store), CustomerNames(store))
    return shown_to(request.caller, MatchedTransaction.suggesting(transaction, found.suggestions, found.recorded))
