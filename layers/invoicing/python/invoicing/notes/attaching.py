"""Files of notes that a document contains: chosen on the draft or with a credit, and frozen when it is issued.

A credit note or cancellation has no notes before it is issued, so its files belong to notes of the invoice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invoicing.core.einvoice import ATTACHABLE
from invoicing.core.errors import Violation
from invoicing.core.model import values_of
from invoicing.invoices.drafts.supporting import MOST_ATTACHED_BYTES, Attachment, AttachmentReference
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.model import Invoice
from invoicing.issuing.printing import require_printable_additions
from invoicing.notes.errors import AttachmentNotAllowed, FileNotFound, FileTooLarge
from invoicing.store.reading import items_at
from invoicing.store.store import Store

if TYPE_CHECKING:
    from invoicing.notes.model import Note, NoteFile


class Attaching(NamedTuple):
    """Files of the notes of a document as they are now, and these notes."""

    owner_id: str
    attachments: tuple[Attachment, ...] = ()
    notes: "tuple[Note, ...]" = ()

    def to(self, document: Invoice) -> Invoice:
        """The document with the files. A document that credits their owner names it."""
        owner = None if document.id == self.owner_id else self.owner_id
        files = tuple(one.model_copy(update={"invoice_id": owner}) for one in self.attachments)
        return document.model_copy(update={"attachments": files})


def attaching(store: Store, owner_id: str, wanted: Sequence[AttachmentReference]) -> Attaching:
    """These files of a document's notes. Refuses with a pointer to each that a document cannot contain."""
    if not wanted:
        return Attaching(owner_id)
    # Loaded here, because few documents have attachments and notes need code that checks files.
    from invoicing.notes.model import Note
    from invoicing.notes.table import NoteTable

    keys = list({NoteTable().key(store.tenant_id, owner_id, one.note_id) for one in wanted})
    notes = tuple(store.take(Note, item) for item in items_at(keys).values())
    files = {(note.id, file.id): file for note in notes for file in note.files}
    return Attaching(owner_id, attachments(wanted, files), notes)


def attaching_to_credit(store: Store, invoice: Invoice, wanted: Sequence[AttachmentReference]) -> Attaching:
    """These files of an invoice's notes, for a document that credits it; their texts have to be printable."""
    files = attaching(store, invoice.id, wanted)
    require_printable_additions(attachments=files.attachments)
    return files


def attached_to(issued: Invoice, notes: "Iterable[Note]", store: Store) -> "list[Note]":
    """The notes whose files a document contains, for the commit that issues it."""
    ids = {one.source.file_id for one in issued.attachments}
    return [note.attaching(ids, store.session.moment) for note in notes]


def attachments(
    wanted: Sequence[AttachmentReference], files: "Mapping[tuple[str, str], NoteFile]"
) -> tuple[Attachment, ...]:
    """The chosen files as a document contains them; `files` are those of its notes, by note and file."""
    found: list[Attachment] = []
    errors = []
    notes = {note_id for note_id, _ in files}
    for place, one in enumerate(wanted):
        file = files.get((one.note_id, one.file_id))
        refusal = _refusal(file, found)
        if refusal is not None:
            field = "file_id" if one.note_id in notes else "note_id"
            errors.append(Violation(f"/attachments/{place}/{field}", *refusal))
        elif file is not None:
            facts = values_of(file, ("name", "content_type", "size", "sha256"))
            found.append(Attachment(**{**dict(one), **facts}))
    if errors:
        raise AttachmentNotAllowed(" ".join(dict.fromkeys(one.message for one in errors)), errors=tuple(errors))
    return tuple(found)


def _refusal(file: "NoteFile | None", others: Collection[Attachment]) -> tuple[str, str] | None:
    """The code and reason why a document with the other files cannot contain this one."""
    if file is None:
        return FileNotFound.code, "The document has no note with this file."
    if file.status != "available":
        return FileNotReady.code, f"The file is {file.status}. {file.reason or ''}".strip()
    if file.content_type not in ATTACHABLE:
        return "BR-CL-24", "A document can contain PDF, PNG, JPEG, CSV, XLSX and ODS files only (BT-125, BR-CL-24)."
    if file.name in {one.name for one in others}:
        return "BR-DE-22", f"Another attachment has the name {file.name} (BT-125, BR-DE-22)."
    if file.size + sum(one.size for one in others) > MOST_ATTACHED_BYTES:
        return FileTooLarge.code, f"The attachments of a document have at most {MOST_ATTACHED_BYTES:,} bytes together."
    return None
