"""Which transactions a bank transaction or a rejection is about: by end-to-end ids, batches, files or mandates."""

import re
from collections.abc import Sequence

from invoicing.bank.entry import Entry, Rejection
from invoicing.collection.model import comparable
from invoicing.core.ids import ULID
from invoicing.sepa_files.errors import SepaFileNotFound
from invoicing.sepa_files.model import SepaBatch, SepaFile
from invoicing.sepa_files.table import transactions_in
from invoicing.store.store import Store
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import debits_alike

_OF_TRANSACTION = re.compile(ULID)
_OF_FILE = re.compile(rf"({ULID})-\d+(?:-\d+)*")


def transaction_named(store: Store, end_to_end_id: str | None) -> Transaction | None:
    """The transaction with an end-to-end id. An id of another form is none of ours, and costs no read."""
    name = "".join((end_to_end_id or "").split())
    id_ = store.holder(Transaction, "end_to_end_id", name) if _OF_TRANSACTION.fullmatch(name) else None
    return store.get(Transaction, id_) if id_ else None


def debit_of_mandate(store: Store, entry: Entry) -> Transaction | None:
    """The only debit of a mandate that has the original amount of a return, and no return yet."""
    if entry.mandate_reference is None:
        return None
    amount = entry.original_amount.amount if entry.original_amount else entry.amount
    named = comparable(entry.mandate_reference)
    found = [
        one
        for one in debits_alike(store, amount)
        if one.mandate and comparable(one.mandate.reference) == named and one.amount == amount
    ]
    return found[0] if len(found) == 1 else None


def named_in(store: Store, entry: Entry) -> Sequence[Transaction]:
    """The transactions that a bank transaction names: by its end-to-end id, else by a batch or file."""
    named = transaction_named(store, entry.end_to_end_id)
    if named is not None:
        return (named,)
    return _named_together(store, entry.payment_information_id)


def file_named(store: Store, name: str | None) -> SepaFile | None:
    """The file with a batch or message of this identifier. Files of the tenant's other systems have none."""
    match = _OF_FILE.fullmatch(name or "")
    try:
        return store.get(SepaFile, f"spf_{match[1]}") if match else None
    except SepaFileNotFound:
        return None


def transactions_of_batch(store: Store, file: SepaFile, name: str) -> Sequence[Transaction]:
    """The transactions of a batch, or of the whole file."""
    transactions = transactions_in(store, file.id)
    # Alone in its file, a batch has the first number there.
    batch = next((one for one in file.batches if name.removesuffix("-1") == one.payment_information_id), None)
    batch = next((one for one in file.batches if name == one.payment_information_id), batch)
    if batch is not None:
        return [one for one in transactions if _is_in(batch, one)]
    return transactions if name == file.message_id else ()


def _is_in(batch: SepaBatch, transaction: Transaction) -> bool:
    mandate = transaction.mandate
    return (batch.scheme, batch.sequence) == ((mandate.scheme, mandate.sequence) if mandate else (None, None))


def rejected(store: Store, rejection: Rejection) -> Sequence[Transaction]:
    """The transactions that the bank refused: one, or all of a batch or file."""
    if rejection.end_to_end_id is not None:
        found = transaction_named(store, rejection.end_to_end_id)
        return () if found is None else (found,)
    return _named_together(store, rejection.payment_information_id or rejection.message_id)


def _named_together(store: Store, name: str | None) -> Sequence[Transaction]:
    """The transactions of the batch or file with this identifier."""
    file = file_named(store, name)
    return () if file is None or name is None else transactions_of_batch(store, file, name)
