"""Receiving, rejecting and quarantining files that were announced for a note."""

import hashlib
from contextlib import suppress

from invoicing.aws.files import delete, store_once
from invoicing.aws.uploads import Place, arrived, clear
from invoicing.core.errors import NotFound
from invoicing.invoices.event import InvoiceEvent, about_document
from invoicing.notes.events import FileAvailable, FileQuarantined, FileRejected
from invoicing.notes.model import FileStatus, Note
from invoicing.notes.upload import HARMFUL, NEVER_ARRIVED
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store


class Unreadable(Exception):
    """The upload could not be verified yet, so it is neither accepted nor rejected: the queue delivers it again."""


def receive(store: Store, place: Place) -> bool:
    """Accept the uploaded file if it is the announced one, else reject it. Deletes the upload.

    Returns whether a file had arrived.
    """
    content = arrived(place)
    if content is None:
        return False
    try:
        retry_on_conflict(store, lambda fresh: _accept(fresh, place, content))
    except NotFound:
        # The note was deleted, or the draft with it: before, or while its file was being stored.
        delete(place.tenant_id, place.file_id, hashlib.sha256(content).hexdigest())
    clear(place)
    return True


def _accept(store: Store, place: Place, content: bytes) -> None:
    note = store.get(Note, place.invoice_id, place.note_id)
    if note.file(place.file_id).status != "pending":
        return
    after = note.arrived(place.file_id, content, at=store.session.now)
    file = after.file(place.file_id)
    event: InvoiceEvent
    if file.reason is not None and arrived(place) != content:
        raise Unreadable(f"two readings of {place.key} differ")
    if file.reason is None:
        owner = {"invoice_id": place.invoice_id, "note_id": note.id}
        store_once(place.tenant_id, file.id, content, file.content_type, owner=owner)
        event = FileAvailable(note_id=note.id, file_id=file.id)
    else:
        event = FileRejected(note_id=note.id, file_id=file.id, reason=file.reason)
    store.record(after, about_document(place.invoice_id, event))


def reject_missing(store: Store, place: Place) -> None:
    """Reject a file that did not arrive. One that arrived and was not verified yet is verified now."""
    if not receive(store, place):
        _refuse(store, place, {"pending"}, FileRejected, NEVER_ARRIVED)


def quarantine(store: Store, place: Place) -> None:
    """Make a harmful file unavailable."""
    _refuse(store, place, {"pending", "available", "rejected"}, FileQuarantined, HARMFUL)


def _refuse(
    store: Store, place: Place, out_of: set[FileStatus], event: type[FileRejected | FileQuarantined], reason: str
) -> None:
    # If the note, or its draft, was deleted, all its files were deleted too.
    with suppress(NotFound):
        note = store.get(Note, place.invoice_id, place.note_id)
        if note.file(place.file_id).status in out_of:
            status: FileStatus = "rejected" if event is FileRejected else "quarantined"
            after = note.refused(place.file_id, status, reason, at=store.session.now)
            refused = event(note_id=note.id, file_id=place.file_id, reason=reason)
            store.record(after, about_document(place.invoice_id, refused))
