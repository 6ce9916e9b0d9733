"""The XML files of a SEPA file: written from its transactions, and stored before the commit that refers to them."""

import hashlib
from collections.abc import Callable, Sequence

from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_ids
from invoicing.notes.storing import stored
from invoicing.sepa_files.debiting import messages_of, payments_of
from invoicing.sepa_files.errors import SepaFileIsUploaded
from invoicing.sepa_files.events import SepaFileWritten
from invoicing.sepa_files.model import SepaDocument, SepaFile
from invoicing.sepa_files.table import transactions_in
from invoicing.store.changes import Also
from invoicing.store.store import Store
from invoicing.transactions.model import Transaction

XML = "application/xml"


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
    payments = payments_of(file, transactions)
    messages = list(messages_of(file, payments))
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
        store.commit(Recorded(written, SepaFileWritten()), *more, also=also, response=shown)
    return shown
