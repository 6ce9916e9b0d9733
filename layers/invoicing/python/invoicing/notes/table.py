"""How notes are stored."""

from invoicing.invoices.table import PartTable, invoice_key
from invoicing.notes.errors import NoteNotFound
from invoicing.notes.model import Note
from invoicing.store.listing import KeyRange, beginning_with

_NOTE = "NOTE#"


class NoteTable(PartTable[Note]):
    """The document's partition, SK `NOTE#<note>`. A note contains the state of its files."""

    kind = Note
    prefix = _NOTE
    missing = NoteNotFound


def notes_of(tenant: str, invoice_id: str) -> KeyRange:
    """The notes about a document."""
    return beginning_with(invoice_key(tenant, invoice_id), _NOTE)
