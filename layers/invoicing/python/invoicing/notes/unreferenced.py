"""Stored files that no record refers to: the worker that stored them died before its commit.

A file is checked `SETTLED_SECONDS` after it was stored. No function runs that long, so a request that has not committed
by then never will; a consumer's message may be delivered again, so its file can still be recorded.
"""

from collections.abc import Iterable, Mapping

from invoicing.aws.files import TEMPORARY, FileKey
from invoicing.bank.errors import StatementNotFound
from invoicing.bank.model import BankStatement
from invoicing.core.stored_file import StoredFile
from invoicing.document_forms.events import DocumentFormUpdated
from invoicing.document_forms.keys import form_key
from invoicing.dunning.document import DunningDocument
from invoicing.invoices.model import InvoiceSummary
from invoicing.mail.errors import MailNotFound
from invoicing.mail.model import OutgoingMail
from invoicing.notes.errors import NoteNotFound
from invoicing.notes.model import Note
from invoicing.sepa_files.errors import SepaFileNotFound
from invoicing.sepa_files.model import SepaFile
from invoicing.store.entries import has_entry_of_moment
from invoicing.store.store import Store
from invoicing.tenants.events import TenantUpdated
from invoicing.tenants.table import settings_key

SETTLED_SECONDS = 900
"""The longest delay of a queue."""


class RenderingNotRecorded(Exception):
    """The document has no recorded file yet: another delivery of its event may record this one."""


def is_referenced(store: Store, file: FileKey, owner: Mapping[str, str]) -> bool:
    """Whether a record refers to a stored file, or did so once.

    `owner`: the ids that the file was stored with. Files without them are of releases that stored none, and stay.
    """
    if owner == TEMPORARY:
        return False
    match owner:
        case {"note_id": note_id, "invoice_id": invoice_id}:
            return _in_note(store, invoice_id, note_id, file)
        case {"invoice_id": invoice_id}:
            return _recorded(store.get(InvoiceSummary, invoice_id).files.values(), file)
        case {"dunning_document_id": document_id}:
            return _recorded([store.get(DunningDocument, document_id).pdf], file)
        case {"customer_id": customer_id, "mail_id": mail_id}:
            return _in_mail(store, customer_id, mail_id, file)
        case {"statement_id": statement_id}:
            return _in_statement(store, statement_id, file)
        case {"sepa_file_id": file_id}:
            return _in_sepa_file(store, file_id, file)
        case {"form_id": form_id}:
            # Issued documents keep the pictures of their form, so a picture that a form ever had is referenced.
            return has_entry_of_moment(form_key(file.tenant_id, form_id), file.file_id, DocumentFormUpdated.action_key)
        case {"tenant_id": tenant_id}:
            # Issued documents keep the logo that they were issued with, so one that was ever set is referenced.
            return has_entry_of_moment(settings_key(tenant_id), file.file_id, TenantUpdated.action_key)
    return True


def _in_note(store: Store, invoice_id: str, note_id: str, file: FileKey) -> bool:
    try:
        note = store.get(Note, invoice_id, note_id)
    except NoteNotFound:
        return False
    return any((one.id, one.sha256) == (file.file_id, file.sha256) for one in note.files)


def _in_statement(store: Store, statement_id: str, file: FileKey) -> bool:
    """Whether a bank statement was uploaded with this file."""
    try:
        statement = store.get(BankStatement, statement_id)
    except StatementNotFound:
        return False
    return any((one.id, one.sha256) == (file.file_id, file.sha256) for one in statement.files)


def _in_sepa_file(store: Store, file_id: str, file: FileKey) -> bool:
    """Whether it is an XML file of a SEPA file. Those of before it was written again are of no use."""
    try:
        documents = store.get(SepaFile, file_id).files
    except SepaFileNotFound:
        return False
    return any((one.id, one.sha256) == (file.file_id, file.sha256) for one in documents)


def _in_mail(store: Store, customer_id: str, mail_id: str, file: FileKey) -> bool:
    """Whether a mail with a statement was requested with this file."""
    try:
        statement = store.get(OutgoingMail, customer_id, mail_id).statement
    except MailNotFound:
        return False
    return statement is not None and (statement.pdf.id, statement.pdf.sha256) == (file.file_id, file.sha256)


def _recorded(files: Iterable[StoredFile], file: FileKey) -> bool:
    recorded = next(one.sha256 for one in files if one.id == file.file_id)
    if recorded is None:
        raise RenderingNotRecorded(file.file_id)
    return recorded == file.sha256
