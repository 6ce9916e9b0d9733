"""invoice.upload_requested, 15 minutes later → an upload that did not arrive is rejected"""

from invoicing.adapters.uploads import Place
from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber
from invoicing.domain.upload import PATIENCE_SECONDS
from invoicing.workflows.receiving import give_up


@subscriber(
    "invoice.upload_requested",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.MISS_FILES, Grant.WRITE_FILES, Grant.DELETE_FILES],
    delay=PATIENCE_SECONDS,
)
def handler(event: BusEvent, request: Request) -> None:
    """Reject an upload that did not arrive in time."""
    said, invoice_id = event.details, event.data["object"]["invoice_id"]
    give_up(request.store, Place(event.tenant_id, invoice_id, said["note_id"], said["file_id"]))
