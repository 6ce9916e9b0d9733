"""The cancellation of a file, or of some of its transactions."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from invoicing.core.event import Recorded
from invoicing.sepa_files.errors import SepaFileUnderWay
from invoicing.sepa_files.events import SepaFileCanceled
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.parts import as_committed, created_among, in_parts
from invoicing.sepa_files.table import transactions_in
from invoicing.sepa_files.writing import commit_written, open_transactions
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.transactions.errors import TransactionNotFound, TransactionNotUnderWay
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import freed

CANCELED_A_COMMIT: Final = 30


def cancel(store: Store, file_id: str, wanted: Sequence[str] | None) -> SepaFile:
    """Cancel a file, or only some of its transactions: then it is written again without them."""
    store.require_new()
    file = store.get(SepaFile, file_id)
    file.require_open()
    open_ids = [one.id for one in _wanted(transactions_in(store, file_id), wanted) if one.status == "created"]
    if wanted is not None and not open_ids and file.is_complete:
        raise TransactionNotUnderWay
    *first, last = in_parts(open_ids, CANCELED_A_COMMIT)
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
    leaving = created_among(store, ids)
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
    shown = as_committed(after)
    event = SepaFileCanceled(objects=fewer.replaced)
    store.commit(Recorded(after, event), *canceled, also=(freed(leaving),), response=shown)
    return shown
