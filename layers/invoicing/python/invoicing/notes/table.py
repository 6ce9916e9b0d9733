"""How notes are stored."""

from invoicing.invoices.table import invoice_key
from invoicing.notes.errors import NoteNotFound
from invoicing.notes.model import Note
from invoicing.store.keys import Key
from invoicing.store.listing import KeyRange, beginning_with
from invoicing.store.table import Table

_NOTE = "NOTE#"


class NoteTable(Table[Note]):
    """The document's partition, SK `NOTE#<note>`. A note holds what is known of its files."""

    kind = Note
    missing = NoteNotFound

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a note, from the document's id and its own."""
        invoice_id, note_id = ids
        return invoice_key(tenant, invoice_id).at(_NOTE + note_id)

    def key_of(self, thing: Note, tenant: str) -> Key:
        """The key of this note."""
        return self.key(tenant, thing.invoice_id, thing.id)


def notes_of(tenant: str, invoice_id: str) -> KeyRange:
    """The notes about a document."""
    return beginning_with(invoice_key(tenant, invoice_id), _NOTE)
