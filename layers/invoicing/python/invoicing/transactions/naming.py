"""Which debits a bank transaction or a rejection is about: by their end-to-end ids, batches, files or mandates."""

import re
from collections.abc import Sequence

from invoicing.bank.entry import Entry, Rejection
from invoicing.collection.model import comparable
from invoicing.core.ids import ULID
from invoicing.sepa_files.errors import SepaFileNotFound
from invoicing.sepa_files.model import SepaBatch, SepaFile
from invoicing.sepa_files.table import transactions_in
from invoicing.store.store import Store
from invoicing.transactions.model import DebitMandate, Transaction
from invoicing.transactions.table import debits_alike

_OF_DEBIT = re.compile(ULID)
_OF_FILE = re.compile(rf"({ULID})-\d+(?:-\d+)*")


def debit_named(store: Store, end_to_end_id: str | None) -> Transaction | None:
    """The debit with an end-to-end id. An id of another form is no debit's, and costs no read."""
    name = "".join((end_to_end_id or "").split())
    id_ = store.holder(Transaction, "end_to_end_id", name) if _OF_DEBIT.fullmatch(name) else None
    debit = store.get(Transaction, id_) if id_ else None
    return debit if debit is not None and debit.type == "debit" else None


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


def debits_of_batch(store: Store, name: str | None) -> Sequence[Transaction]:
    """The debits of a batch or file, by its identifier. Files of the tenant's other systems have none."""
    match = _OF_FILE.fullmatch(name or "")
    if match is None or name is None:
        return ()
    try:
        file = store.get(SepaFile, f"spf_{match[1]}")
    except SepaFileNotFound:
        return ()
    debits = transactions_in(store, file.id) if file.type == "debit" else ()
    # Alone in its file, a batch has the first number there.
    batch = next((one for one in file.batches if name.removesuffix("-1") == one.payment_information_id), None)
    batch = next((one for one in file.batches if name == one.payment_information_id), batch)
    if batch is not None:
        return [one for one in debits if one.mandate and _is_in(batch, one.mandate)]
    return debits if name == file.message_id else ()


def _is_in(batch: SepaBatch, mandate: DebitMandate) -> bool:
    return (batch.scheme, batch.sequence) == (mandate.scheme, mandate.sequence)


def rejected(store: Store, rejection: Rejection) -> Sequence[Transaction]:
    """The debits that the bank refused: one, or all of a batch or file."""
    if rejection.end_to_end_id is not None:
        debit = debit_named(store, rejection.end_to_end_id)
        return () if debit is None else (debit,)
    return debits_of_batch(store, rejection.payment_information_id or rejection.message_id)
