"""The upload of a file to the bank: all its transactions become pending."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from invoicing.collection.events import PaymentMethodUsed
from invoicing.collection.model import PaymentMethod
from invoicing.collection.table import default_moved
from invoicing.core.event import Change, Recorded
from invoicing.sepa_files.errors import SepaFileIsUploaded
from invoicing.sepa_files.events import SepaFileUploaded
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.parts import as_committed, created_among, in_parts
from invoicing.sepa_files.table import transactions_in
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.model import Transaction

UPLOADED_A_COMMIT: Final = 24
"""Each debit needs up to four writes of the hundred in a commit."""


def upload(store: Store, file_id: str) -> SepaFile:
    """Mark a file as uploaded, and all its transactions as pending."""
    store.require_new()
    file = store.get(SepaFile, file_id)
    file.uploaded(store.session.moment)
    waiting = [one.id for one in transactions_in(store, file_id) if one.status == "created"]
    if file.status != "created" and not waiting:
        raise SepaFileIsUploaded
    *first, last = in_parts(waiting, UPLOADED_A_COMMIT)
    plain = Store(store.session)
    for some in first:
        retry_on_conflict(plain, partial(_uploaded, file_id=file_id, ids=some, is_last=False))
    return retry_on_conflict(store, partial(_uploaded, file_id=file_id, ids=last, is_last=True))


def _uploaded(store: Store, file_id: str, ids: Sequence[str], *, is_last: bool) -> SepaFile:
    moment = moment_of(store)
    after = store.get(SepaFile, file_id).uploaded(moment)
    waiting = created_among(store, ids)
    before = _methods(store, waiting)
    creditor_id = after.originator.creditor_id
    methods = [(method, method.collected(one.executed_on, _iban(one), creditor_id, moment)) for method, one in before]
    also = [default_moved(one.customer_id, one.id, None) for one, now in methods if one.default and not now.default]
    changed = (*(one.uploaded(moment) for one in waiting), *(_recorded(*one) for one in methods))
    if not is_last:
        return store.advance(after, *changed, also=also)
    shown = as_committed(after)
    store.commit(Recorded(after, SepaFileUploaded()), *changed, also=also, response=shown)
    return shown


def _methods(store: Store, debits: Iterable[Transaction]) -> list[tuple[PaymentMethod, Transaction]]:
    """The payment methods of debits, each with its last one."""
    last = {(one.customer_id, one.payment_method_id): one for one in debits if one.type == "debit"}
    return [(store.get(PaymentMethod, customer, method or ""), one) for (customer, method), one in last.items()]


def _recorded(before: PaymentMethod, after: PaymentMethod) -> Change:
    """A payment method after a debit, with the event if that was the only one."""
    return after if after.status == before.status else Recorded(after, PaymentMethodUsed())


def _iban(transaction: Transaction) -> str | None:
    return transaction.account.iban if transaction.account else None
