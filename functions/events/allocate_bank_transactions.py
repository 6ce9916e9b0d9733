"""bank_transaction.received → the payments of the documents that it names"""

from invoicing.aws.grants import Grant
from invoicing.bank_matching.rule import allocate_by_rule
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request


@bus_event("bank_transaction.received", grants=[Grant.READ, Grant.COMMIT])
def handler(event: BusEvent, request: Request) -> None:
    """Allocate a bank transaction to the documents that it names, if it has exactly their amount."""
    allocate_by_rule(request.store, event.resource.id)
