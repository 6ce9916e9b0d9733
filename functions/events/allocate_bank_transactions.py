"""bank_transaction.received → the payments of the documents, debits and credits that it names"""

from invoicing.aws.grants import Grant
from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.rule import allocate_by_rule
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.transactions.taking import take


@bus_event("bank_transaction.received", grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(event: BusEvent, request: Request) -> None:
    """Allocate a bank transaction to the documents or transactions that it names, if it has exactly their amount.

    It settles the direct debits or credit transfers whose batch or end-to-end id it names, returns one, or pays
    documents.
    """
    transaction = request.store.get(BankTransaction, event.resource.id)
    if not take(request.store, transaction):
        allocate_by_rule(request.store, transaction)
