"""invoice.upload_requested, 15 minutes later → an upload that did not arrive is rejected"""

from invoicing.aws.grants import Grant
from invoicing.aws.uploads import Place
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.notes.receiving import reject_missing
from invoicing.notes.upload import PATIENCE_SECONDS


@bus_event(
    "invoice.upload_requested",
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.MISS_FILES, Grant.WRITE_FILES, Grant.DELETE_FILES],
    delay=PATIENCE_SECONDS,
)
def handler(event: BusEvent, request: Request) -> None:
    """Reject an upload that did not arrive in time."""
    upload, invoice_id = event.details, event.data["object"]["invoice_id"]
    reject_missing(request.store, Place(event.tenant_id, invoice_id, upload["note_id"], upload["file_id"]))
