"""bank_statement.imported → the direct debits and credit transfers that the bank refused"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.transactions.returning import refuse_rejected


@bus_event(
    "bank_statement.imported",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES],
    once=False,
    timeout=300,
    batch=1,
)
def handler(event: BusEvent, request: Request) -> None:
    """End the direct debits and credit transfers that a pain.002 rejects: one by one, by batch or by file.

    A transaction that ended before does not change.
    """
    refuse_rejected(request.store, event.resource.id)
