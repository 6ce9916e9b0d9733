"""invoice.note_deleted → the note's files are deleted"""

from invoicing.adapters.files import delete
from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber


@subscriber("invoice.note_deleted", grants=[Grant.READ, Grant.DELETE_FILES])
def handler(event: BusEvent, request: Request) -> None:
    """Delete the files of a deleted note.

    The bucket's lifecycle removes old versions later.
    """
    for place in event.details["objects"]:
        delete(request.caller.tenant_id, *place.split("/"))
