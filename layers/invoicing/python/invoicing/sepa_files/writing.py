"""The XML files of a SEPA file: written from its transactions, and stored before the commit that refers to them."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from invoicing.collection.batching import Debit, PaymentFile, Transfer, one_batch_each
from invoicing.collection.writing import Originator, written_debits, written_transfers
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_ids
from invoicing.notes.storing import stored
from invoicing.sepa_files.debiting import debits_of
from invoicing.sepa_files.errors import SepaFileIsUploaded
from invoicing.sepa_files.events import SepaFileWritten
from invoicing.sepa_files.model import SepaDocument, SepaFile
from invoicing.sepa_files.refunding import transfers_of
from invoicing.sepa_files.table import transactions_in
from invoicing.store.changes import Also
from invoicing.store.store import Store
from invoicing.transactions.model import Transaction

XML = "application/xml"


class BankMessage(NamedTuple):
    """An XML file for the bank."""

    message_id: str
    content: bytes


class BankContent(NamedTuple):
    """The transactions of a file in batches, and the XML files with them: one, or one for each batch."""

    payments: PaymentFile[Debit] | PaymentFile[Transfer]
    messages: Sequence[BankMessage]


def content_of(file: SepaFile, transactions: Sequence[Transaction]) -> BankContent:
    """The content of a file for the bank. The same transactions give the same bytes."""
    if file.type == "credit":
        return _content(file, transfers_of(file, transactions), written_transfers)
    return _content(file, debits_of(file, transactions), written_debits)


def _content[P: (Debit, Transfer)](
    file: SepaFile, payments: PaymentFile[P], written: Callable[[PaymentFile[P], Originator, datetime], bytes]
) -> BankContent:
    tenant = file.originator
    by = Originator(tenant.name, tenant.creditor_id, tenant.alphabet)
    parts = one_batch_each(payments) if tenant.one_batch_per_file else (payments,)
    return BankContent(payments, [BankMessage(one.message_id, written(one, by, file.created_at)) for one in parts])


def open_transactions(store: Store, file_id: str) -> tuple[Transaction, ...]:
    """The transactions of a file without canceled ones. Refuses a file of which the bank reported one."""
    found = tuple(one for one in transactions_in(store, file_id) if one.status != "canceled")
    if any(one.status != "created" for one in found):
        raise SepaFileIsUploaded
    return found


def commit_written[R: SepaFile](
    store: Store,
    file: SepaFile,
    transactions: Sequence[Transaction],
    *more: Change,
    also: Sequence[Also] = (),
    response: Callable[[SepaFile], R],
) -> R:
    """Write the XML files of an incomplete file, and commit it as complete. Returns the response."""
    payments, messages = content_of(file, transactions)
    documents = [
        SepaDocument(
            id=id_,
            message_id=one.message_id,
            sha256=hashlib.sha256(one.content).hexdigest(),
            size=len(one.content),
        )
        # Each attempt has ids of its own, so that a lost race deletes no file of the winner.
        for one, id_ in zip(messages, new_ids("file", store.session.now), strict=False)
    ]
    written = file.written(payments, documents, store.session.moment)
    files = [(document, one.content, XML) for document, one in zip(documents, messages, strict=True)]
    shown = response(written.model_copy(update={"version": file.version + 1}))
    with stored(store.tenant_id, files, {"sepa_file_id": file.id}):
        store.commit(Recorded(written, SepaFileWritten(objects=file.replaced)), *more, also=also, response=shown)
    return shown
