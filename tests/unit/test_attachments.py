"""The files that a document can contain: their sizes, and the time and memory that they cost."""

import pytest

from invoicing.core.ids import new_id
from invoicing.documents.einvoice import EmbeddedFile as Content
from invoicing.documents.einvoice import render_xml
from invoicing.documents.facturx import render_facturx
from invoicing.invoices.drafts.supporting import MOST_ATTACHED_BYTES, Attachment, AttachmentReference
from invoicing.notes.attaching import attachments
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.notes.model import NoteFile
from tests.builders import NOON
from tests.einvoices import issued
from tests.pdf_files import embedded

NOTE = new_id("note", NOON)


def chosen(*sizes: int) -> tuple[Attachment, ...]:
    """A document's files of these sizes."""
    files = [
        NoteFile(id=new_id("file", NOON), name=f"{place}.pdf", content_type="application/pdf", size=size,
                 sha256="0" * 64, status="available", created_at=NOON)
        for place, size in enumerate(sizes)
    ]  # fmt: skip
    wanted = [AttachmentReference(note_id=NOTE, file_id=file.id) for file in files]
    return attachments(wanted, {(NOTE, file.id): file for file in files})


def test_files_of_10_mb_together_are_allowed() -> None:
    assert [one.size for one in chosen(MOST_ATTACHED_BYTES - 1, 1)] == [MOST_ATTACHED_BYTES - 1, 1]


def test_one_byte_more_is_refused_with_a_pointer() -> None:
    with pytest.raises(AttachmentNotAllowed) as refused:
        chosen(MOST_ATTACHED_BYTES - 1, 2, 1)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/attachments/1/file_id", "FILE_TOO_LARGE")]


def test_the_largest_files_are_rendered_unchanged() -> None:
    content = b"%PDF-" + bytes(range(256)) * 40_959
    files = [Content("Plan.pdf", "application/pdf", content)]
    invoice = issued()
    xml = render_xml(invoice, "zugferd", files)
    assert embedded(render_facturx(invoice, xml, files)) == {"factur-x.xml": xml, "Plan.pdf": content}
