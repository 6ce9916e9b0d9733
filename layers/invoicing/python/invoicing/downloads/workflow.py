"""Links to files: creating one, the file behind it, and recording its use."""

import secrets
from typing import Any, NamedTuple, cast

from invoicing.aws.base_url import base_url
from invoicing.core.errors import NotFound
from invoicing.core.stored_file import CONTENT_TYPES, FileKind, StoredFile, document_name
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.events import LinkUsed
from invoicing.downloads.model import DownloadLink, NewDownloadLink, Target, TokenLink
from invoicing.downloads.table import FoundLink, RecordedThisHour, TokenTable, count_use, hour, recorded_use
from invoicing.dunning.document import DunningDocument
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.event import about_document
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


def new_link(session: Session, id_: str, target: Target, *, seconds: int, token: str | None = None) -> NewDownloadLink:
    """Build a link whose URL is needed before the link is stored."""
    token = token or new_token()
    url = f"{base_url()}/downloads/{token}"
    link = NewDownloadLink.new(id_, target, url, seconds=seconds, moment=session.moment)
    return link.model_copy(update={"digest": digest(token)})


def store_link[L: TokenLink](store: Store, made: L) -> L:
    """Store a link, so that it works from now on, and record it in the timeline."""
    return store.commit(made, about_document(made.invoice_id, made.creation))


def revoke_link(store: Store, table: TokenTable[Any], invoice_id: str, link_id: str) -> None:
    """Revoke a link to a document. A link that is revoked already stays as it is."""
    require_visible(store, invoice_id)
    link: TokenLink = table.found(store, table.digest_of(store, invoice_id, link_id))
    if link.revoked_at is None:
        revoked = link.revoked(moment=store.session.moment)
        store.commit(revoked, about_document(invoice_id, revoked.revocation))


def file_of(store: Store, link: DownloadLink) -> Opened:
    """The file that a link opens. Refuses files of deleted notes and drafts, and harmful files."""
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


def _named(file: StoredFile, number: str, kind: FileKind) -> Opened:
    return Opened(file.id, file.sha256 or "", document_name(number, kind), CONTENT_TYPES[kind])


def record_use(store: Store, found: FoundLink, opened: str, network: str | None) -> None:
    """Count a use. The timeline records the first one of an hour, which also marks the document as sent."""
    link = found.link
    if found.recorded_hour is None or found.recorded_hour < hour(store.session.now):
        used = LinkUsed(link_id=link.id, file=link.file, network=network)
        try:
            _record_use(store, link, used, [recorded_use(opened)])
        except RecordedThisHour:
            pass
        else:
            return
    retry_on_conflict(store, lambda _: count_use(opened))


def _record_use(store: Store, link: DownloadLink, used: LinkUsed, also: list[Also]) -> None:
    if link.note_id is not None:
        store.append(about_document(link.invoice_id, used), also=also)
    elif link.document_id is not None:
        record_letter_sent(store, link.document_id, used, also=also)
    else:
        record_sent(store, link.invoice_id, used, also=also)
