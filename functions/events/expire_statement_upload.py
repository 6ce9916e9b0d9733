"""bank_statement.upload_requested, 15 minutes later → a statement whose file did not arrive failed"""

from invoicing.aws.grants import Grant
from invoicing.aws.uploads import StatementPlace
from invoicing.bank.announcing import reject_missing
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.notes.upload import PATIENCE_SECONDS


@bus_event(
    "bank_statement.upload_requested",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.MISS_FILES, Grant.WRITE_FILES, Grant.DELETE_FILES],
    memory=1769,
    timeout=120,
    delay=PATIENCE_SECONDS,
    batch=1,
)
def handler(event: BusEvent, request: Request) -> None:
    """Fail a bank statement whose file did not arrive in time."""
    place = StatementPlace(event.tenant_id, event.resource.id, event.details["file_id"])
    reject_missing(request.store, place)
