"""The contents of the files that a document contains, for its XML and its PDF."""

from invoicing.aws.files import read
from invoicing.documents.einvoice.terms import EmbeddedFile
from invoicing.invoices.model import Invoice
from invoicing.store.store import Store


def attached_files(store: Store, document: Invoice) -> list[EmbeddedFile]:
    """Read the files that a document contains, at most 10 MB.

    Refuses a file that was found to be malware after the document was issued (`FILE_NOT_READY`).
    """
    if not document.attachments:
        return []
    # Loaded here, because few documents have attachments and notes need code that checks files.
    from invoicing.notes.model import Note

    sources = [one.source for one in document.attachments]
    owners = {one.note_id: kept.invoice_id or document.id
              for one, kept in zip(sources, document.attachments, strict=True)}  # fmt: skip
    notes = {id_: store.get(Note, owner, id_) for id_, owner in owners.items()}
    for source in sources:
        notes[source.note_id].require_file(source.file_id)
    return [
        EmbeddedFile(
            one.name,
            one.content_type,
            read(store.tenant_id, source.file_id, one.sha256),
            one.description,
            reference=one.reference,
            url=one.url,
        )
        for one, source in zip(document.attachments, sources, strict=True)
    ]
