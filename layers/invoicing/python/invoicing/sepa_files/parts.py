"""Steps that changes of all transactions of a file share.

A file can have more transactions than one commit. Each commit moves the file's version. The last one has the event and
the response, so a repetition of an interrupted request does the rest.
"""

from collections.abc import Sequence
from itertools import batched

from invoicing.sepa_files.model import SepaFile
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import TransactionTable


def created_among(store: Store, ids: Sequence[str]) -> list[Transaction]:
    """Those of some transactions that the bank does not have."""
    found = items_at([TransactionTable().key(store.tenant_id, id_) for id_ in ids])
    transactions = [store.take(Transaction, item) for item in found.values()]
    return [one for one in transactions if one.status == "created"]


def as_committed(file: SepaFile) -> SepaFile:
    """The file of a response, with the version of the next commit and whole accounts."""
    return file.model_copy(update={"version": file.version + 1}).revealed()


def in_parts(ids: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The ids in parts, one for each commit; at least one."""
    return list(batched(ids, size, strict=False)) or [()]
