"""invoice.note_deleted → the note's files are deleted"""

from invoicing.aws.files import delete
from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request


@bus_event("invoice.note_deleted", grants=[Grant.READ, Grant.DELETE_FILES])
def handler(event: BusEvent, request: Request) -> None:
    """Delete the files of a deleted note.

    The bucket's lifecycle removes old versions later.
    """
    for place in event.details["objects"]:
        delete(request.caller.tenant_id, *place.split("/"))
