"""Changes of all transactions of a file: after its upload, and when it is canceled as a whole or in part.

A file can have more transactions than one commit. Each commit moves the file's version. The last one has the event and
the response, so a repetition of an interrupted request does the rest.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import batched
from typing import Final

from invoicing.collection.model import PaymentMethod
from invoicing.collection.table import default_moved
from invoicing.core.event import Recorded
from invoicing.sepa_files.errors import SepaFileIsCanceled, SepaFileIsUploaded, SepaFileUnderWay
from invoicing.sepa_files.events import SepaFileCanceled, SepaFileUploaded
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.table import transactions_in
from invoicing.sepa_files.writing import commit_written, open_transactions
from invoicing.store.reading import items_at
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.errors import TransactionNotFound, TransactionNotUnderWay
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import TransactionTable, freed

UPLOADED_A_COMMIT: Final = 40
CANCELED_A_COMMIT: Final = 30


def upload(store: Store, file_id: str) -> SepaFile:
    """Mark a file as uploaded, and all its transactions as pending."""
    store.require_new()
    file = store.get(SepaFile, file_id)
    if file.status == "canceled":
        raise SepaFileIsCanceled
    file.uploaded(store.session.moment)
    waiting = [one.id for one in transactions_in(store, file_id) if one.status == "created"]
    if file.status != "created" and not waiting:
        raise SepaFileIsUploaded
    *first, last = _parts(waiting, UPLOADED_A_COMMIT)
    plain = Store(store.session)
    for some in first:
        retry_on_conflict(plain, partial(_uploaded, file_id=file_id, ids=some, is_last=False))
    return retry_on_conflict(store, partial(_uploaded, file_id=file_id, ids=last, is_last=True))


def _uploaded(store: Store, file_id: str, ids: Sequence[str], *, is_last: bool) -> SepaFile:
    moment = moment_of(store)
    file = store.get(SepaFile, file_id)
    if file.status == "canceled":
        raise SepaFileIsCanceled
    waiting = _created(store, ids)
    after = file.uploaded(moment)
    before = _methods(store, waiting)
    creditor_id = file.originator.creditor_id
    methods = [method.collected(one.due_on, _iban(one), creditor_id, moment) for method, one in before]
    used = [method for (method, _), now in zip(before, methods, strict=True) if method.default and not now.default]
    also = [default_moved(one.customer_id, one.id, None) for one in used]
    changed = (*(one.uploaded(moment) for one in waiting), *methods)
    if not is_last:
        return store.advance(after, *changed, also=also)
    shown = _shown(after)
    store.commit(Recorded(after, SepaFileUploaded()), *changed, also=also, response=shown)
    return shown


def _methods(store: Store, debits: Iterable[Transaction]) -> list[tuple[PaymentMethod, Transaction]]:
    """The payment methods of debits, each with its last one."""
    last = {(one.customer_id, one.payment_method_id): one for one in debits if one.type == "debit"}
    return [(store.get(PaymentMethod, customer, method or ""), one) for (customer, method), one in last.items()]


def _iban(transaction: Transaction) -> str | None:
    return transaction.account.iban if transaction.account else None


def cancel(store: Store, file_id: str, wanted: Sequence[str] | None) -> SepaFile:
    """Cancel a file, or only some of its transactions: then it is written again without them."""
    store.require_new()
    file = store.get(SepaFile, file_id)
    file.require_open()
    open_ids = [one.id for one in _wanted(transactions_in(store, file_id), wanted) if one.status == "created"]
    if wanted is not None and not open_ids and file.is_complete:
        raise TransactionNotUnderWay
    *first, last = _parts(open_ids, CANCELED_A_COMMIT)
    plain = Store(store.session)
    for some in first:
        retry_on_conflict(plain, partial(_some_canceled, file_id=file_id, ids=some))
    return retry_on_conflict(store, partial(_canceled, file_id=file_id, ids=last, is_whole=wanted is None))


def _wanted(transactions: Sequence[Transaction], ids: Sequence[str] | None) -> Sequence[Transaction]:
    if ids is None:
        return transactions
    by_id = {one.id: one for one in transactions}
    for place, id_ in enumerate(ids):
        if id_ not in by_id:
            raise TransactionNotFound(pointer=f"/transaction_ids/{place}")
    return [by_id[id_] for id_ in dict.fromkeys(ids)]


def _some_canceled(store: Store, file_id: str, ids: Sequence[str]) -> None:
    moment = store.session.moment
    file = store.get(SepaFile, file_id)
    file.require_open()
    leaving = _created(store, ids)
    if leaving:
        canceled = [one.canceled(moment) for one in leaving]
        store.advance(file.with_fewer(leaving, moment), *canceled, also=(freed(leaving),))


def _canceled(store: Store, file_id: str, ids: Sequence[str], *, is_whole: bool) -> SepaFile:
    moment = store.session.moment
    file = store.get(SepaFile, file_id)
    file.require_open()
    members = open_transactions(store, file_id)
    leaving = [one for one in members if one.id in ids]
    staying = [one for one in members if one.id not in ids]
    if (is_whole and staying) or (staying and not leaving and file.is_complete):
        raise SepaFileUnderWay
    fewer = file.with_fewer(leaving, moment)
    canceled = [one.canceled(moment) for one in leaving]
    if staying:
        return commit_written(
            store, fewer, staying, *canceled, also=(freed(leaving),), response=lambda new: new.revealed()
        )
    after = fewer.canceled(moment)
    shown = _shown(after)
    store.commit(Recorded(after, SepaFileCanceled()), *canceled, also=(freed(leaving),), response=shown)
    return shown


def _created(store: Store, ids: Sequence[str]) -> list[Transaction]:
    """Those of some transactions that the bank does not have."""
    found = items_at([TransactionTable().key(store.tenant_id, id_) for id_ in ids])
    transactions = [store.take(Transaction, item) for item in found.values()]
    return [one for one in transactions if one.status == "created"]


def _shown(file: SepaFile) -> SepaFile:
    return file.model_copy(update={"version": file.version + 1}).revealed()


def _parts(ids: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The ids in parts, one for each commit; at least one."""
    return list(batched(ids, size, strict=False)) or [()]
