"""How an issued document gets its files, and is mailed if requested. The consumers of two queues share it."""

from collections.abc import Iterator, Sequence

from invoicing.aws.files import exists, store_once
from invoicing.core.einvoice import FORMATS, is_sent_as_xml, xml_format_of
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.core.stored_file import CONTENT_TYPES, FileKind, StoredFile
from invoicing.document_forms.stationery import Stationery, stationery_of
from invoicing.documents.einvoice import EmbeddedFile, render_xml
from invoicing.invoices.events import DocumentRendered
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import customer_of
from invoicing.mail.events import EmailRequested
from invoicing.mail.model import OutgoingMail, Sending
from invoicing.notes.attached import attached_files
from invoicing.rendering.pages import render_pages
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store


def render(store: Store, invoice_id: str, *, send: bool) -> None:
    """Render the missing files of an issued document, and request its e-mail if it is to be sent."""
    invoice = store.get(Invoice, invoice_id)
    rendered = []
    for kind, content in _missing_files(store, invoice):
        owner = {"invoice_id": invoice.id}
        id_, type_ = invoice.files[kind].id, CONTENT_TYPES[kind]
        sha256 = store_once(store.tenant_id, id_, content, type_, owner=owner, issued=invoice.issue_date)
        rendered.append(DocumentRendered(file=kind, sha256=sha256, size=len(content)))
    # Clients change the invoice while it is rendered. Only the commit is retried after a conflict.
    if rendered or send:
        retry_on_conflict(store, lambda fresh: _record(fresh, invoice, rendered, send=send))


def _missing_files(store: Store, invoice: Invoice) -> Iterator[tuple[FileKind, bytes]]:
    missing = {kind for kind, file in invoice.files.items() if not _exists(store.tenant_id, file)}
    if missing:
        attached = attached_files(store, invoice)
        files = _files(invoice.as_issued, stationery_of(store.tenant_id, invoice), attached)
        yield from (file for file in files if file[0] in missing)


def _exists(tenant_id: str, file: StoredFile) -> bool:
    return file.sha256 is not None and exists(tenant_id, file.id, file.sha256)


def _record(store: Store, before: Invoice, rendered: Sequence[DocumentRendered], *, send: bool) -> None:
    invoice, at = store.get(Invoice, before.id), store.session.now
    # The first recorded file stays: another one is deleted as unreferenced, so it must not be recorded later.
    rendered = [one for one in rendered if invoice.files[one.file].sha256 == before.files[one.file].sha256]
    after = invoice
    for one in rendered:
        after = after.rendered(one.file, one.sha256, one.size, at)
    if send and invoice.status is not Status.CANCELED:
        recipients = invoice.recipients(customer_of(store, invoice))
        to = Sending(to=recipients, attach_xml=is_sent_as_xml(invoice.einvoice_format))
        mail = OutgoingMail.of(new_id("mail", at), invoice.id, to, at=at)
        store.record(Recorded(after, *rendered, EmailRequested.of(mail)), mail)
    elif rendered:
        store.record(Recorded(after, *rendered))


def _files(
    invoice: Invoice, stationery: Stationery, attached: Sequence[EmbeddedFile]
) -> Iterator[tuple[FileKind, bytes]]:
    format_ = xml_format_of(invoice.einvoice_format)
    xml = None if format_ is None else render_xml(invoice, format_, attached)
    if xml is not None:
        yield "xml", xml
    if xml is not None and format_ is not None and FORMATS[format_].embedded_as:
        # Writing files into a PDF needs a large library, so it is loaded for documents with such files only.
        from invoicing.documents.facturx import render_facturx

        logo, letterhead = stationery
        yield "pdf", render_facturx(invoice, xml, attached, logo=logo, letterhead=letterhead)
    else:
        yield "pdf", render_pages(invoice, stationery, attached)
