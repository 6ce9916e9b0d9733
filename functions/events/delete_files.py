"""invoice.note_deleted, sepa_file.canceled, sepa_file.written → files that are no longer needed are deleted"""

from invoicing.aws.files import delete
from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request


@bus_event("invoice.note_deleted", "sepa_file.canceled", "sepa_file.written", grants=[Grant.READ, Grant.DELETE_FILES])
def handler(event: BusEvent, request: Request) -> None:
    """Delete the files of a deleted note, and the XML files of a SEPA file from before a cancellation.

    The bucket's lifecycle removes old versions later.
    """
    # Events of releases before this field name no XML files.
    for place in event.details.get("objects", ()):
        delete(request.caller.tenant_id, *place.split("/"))
