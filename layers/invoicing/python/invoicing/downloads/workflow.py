"""Links to files: creating one, the file behind it, and recording its use."""

import secrets
from typing import Any, NamedTuple, cast

from invoicing.aws.base_url import base_url
from invoicing.core.errors import NotFound
from invoicing.core.stored_file import CONTENT_TYPES, FileKind, StoredFile, document_name
from invoicing.downloads.document_read import DocumentRead
from invoicing.downloads.errors import LinkExpired, LinkNotFound
from invoicing.downloads.model import DownloadLink, FileLink, NewDownloadLink, Target, TokenLink
from invoicing.downloads.reading import record_or_defer
from invoicing.downloads.table import FoundLink, LinkTable, RecordedThisHour, TokenTable, count_use, hour, recorded_use
from invoicing.dunning.document import DunningDocument
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import require_visible
from invoicing.mail.sent import record_letter_sent, record_sent
from invoicing.notes.model import Note
from invoicing.store.changes import Also
from invoicing.store.retry import retry_on_conflict
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.users.model import digest


class Opened(NamedTuple):
    """A file that a link opens, and its name for downloads."""

    id: str
    sha256: str
    name: str
    content_type: str


def create_link(store: Store, id_: str, target: Target, *, seconds: int) -> NewDownloadLink:
    """Create a link that opens a file for this number of seconds. Only this response has its URL."""
    return store_link(store, new_link(store.session, id_, target, seconds=seconds))


def new_token() -> str:
    """A new token of a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def url_of(token: str) -> str:
    """The URL that opens a file by a token."""
    return f"{base_url()}/downloads/{token}"


def new_link(session: Session, id_: str, target: Target, *, seconds: int, token: str | None = None) -> NewDownloadLink:
    """Build a link whose URL is needed before the link is stored."""
    token = token or new_token()
    link = NewDownloadLink.new(id_, target, url_of(token), seconds=seconds, moment=session.moment)
    return link.model_copy(update={"digest": digest(token)})


def store_link[L: TokenLink](store: Store, made: L) -> L:
    """Store a link, so that it works from now on, and record it in the timeline."""
    return store.commit(made, made.about(made.creation))


def revoke_link(store: Store, table: TokenTable[Any], invoice_id: str, link_id: str) -> None:
    """Revoke a link to a document. A link that is revoked already stays as it is."""
    require_visible(store, invoice_id)
    revoke(store, table, invoice_id, link_id)


def revoke(store: Store, table: TokenTable[Any], owner_id: str, link_id: str) -> None:
    """Revoke a link of an owner that the caller may see."""
    link: TokenLink = table.found(store, table.digest_of(store, owner_id, link_id))
    if link.revoked_at is None:
        revoked = link.revoked(moment=store.session.moment)
        store.commit(revoked, revoked.about(revoked.revocation))


def kind_of(entity: str) -> type[FileLink]:
    """The class of a link to a file, by the entity in its row."""
    if entity == LinkTable.entity():
        return DownloadLink
    # Loaded here, because few links open SEPA files.
    from invoicing.sepa_files.link import SepaFileLink

    return SepaFileLink


def file_of(store: Store, link: FileLink) -> Opened:
    """The file that a link opens. Refuses files of deleted notes and drafts, and harmful files."""
    if not isinstance(link, DownloadLink):
        return _sepa_document(store, link)
    if link.note_id is not None:
        try:
            store.get(InvoiceSummary, link.invoice_id)
            file = store.get(Note, link.invoice_id, link.note_id).require_file(link.file)
        except (NotFound, FileNotReady):
            raise LinkNotFound from None
        return Opened(file.id, file.sha256, file.name, file.content_type)
    if link.document_id is not None:
        document = store.get(DunningDocument, link.document_id)
        return _named(document.require_letter(), document.number, "pdf")
    invoice = store.get(InvoiceSummary, link.invoice_id)
    return _named(invoice.require_file(link.file), invoice.number or invoice.id, cast("FileKind", link.file))


def _sepa_document(store: Store, link: FileLink) -> Opened:
    """The XML file for a bank. The link ends with the file: nobody must upload one that was canceled or replaced."""
    from invoicing.sepa_files.errors import (
        RefundNotOwed,
        SepaDocumentNotFound,
        SepaFileIncomplete,
        SepaFileIsCanceled,
    )
    from invoicing.sepa_files.link import SepaFileLink
    from invoicing.sepa_files.model import SepaFile
    from invoicing.sepa_files.table import require_owed

    file = store.get(SepaFile, cast("SepaFileLink", link).sepa_file_id)
    try:
        document = file.document(link.file)
        require_owed(store, file)
    except (RefundNotOwed, SepaDocumentNotFound, SepaFileIncomplete, SepaFileIsCanceled):
        raise LinkExpired from None
    return Opened(document.id, document.sha256, f"{document.message_id}.xml", CONTENT_TYPES["xml"])


def _named(file: StoredFile, number: str, kind: FileKind) -> Opened:
    return Opened(file.id, file.sha256 or "", document_name(number, kind), CONTENT_TYPES[kind])


def open_for_reader(store: Store, found: FoundLink, opened: str, network: str | None) -> None:
    """Record a use. Readers get a document even if that fails, but a file for the bank only with its record."""
    link = found.link
    if not isinstance(link, DownloadLink):
        record_use(store, found, opened, network)
        return
    read = DocumentRead(
        tenant_id=found.tenant_id,
        invoice_id=link.invoice_id,
        read_at=store.session.now,
        link_id=link.id,
        network=network,
    )
    record_or_defer(store, read, lambda hasty: record_use(hasty, found, opened, network))


def record_use(store: Store, found: FoundLink, opened: str, network: str | None) -> None:
    """Count a use. The timeline records the first one of an hour, which also marks the document as sent."""
    link = found.link
    if found.recorded_hour is None or found.recorded_hour < hour(store.session.now):
        try:
            _record_use(store, link, network, [recorded_use(opened)])
        except RecordedThisHour:
            pass
        else:
            return
    retry_on_conflict(store, lambda _: count_use(opened))


def _record_use(store: Store, link: FileLink, network: str | None, also: list[Also]) -> None:
    if not isinstance(link, DownloadLink) or link.note_id is not None:
        store.append(link.about(link.use(network)), also=also)
    elif link.document_id is not None:
        record_letter_sent(store, link.document_id, link.use(network), also=also)
    else:
        record_sent(store, link.invoice_id, link.use(network), also=also)
